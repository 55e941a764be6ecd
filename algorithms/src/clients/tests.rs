//! Clients by hand, call by call; draws of keys against their law.

use seedbed_node::{Action, Client, Draws, Duration, NodeId, Operation, Time, Workload};

use super::{ARISE, Clients, Demand, Heard, Keys, Pace, Popularity, Retry, patience_tag};

const ADA: NodeId = NodeId(0);

/// Asks for the number of the operation; any event of that number is the answer.
#[derive(Clone, Hash)]
struct Numbers;

impl Demand<u32, u32> for Numbers {
    fn request(&mut self, operation: Operation, _now: Time, _draws: &mut Draws) -> u32 {
        operation.number
    }

    fn hear(&mut self, client: NodeId, event: &u32) -> Heard {
        match *event {
            u32::MAX => Heard::Done,
            number if number > 100 => Heard::Nothing,
            number => Heard::DoneFor(Operation { client, number }),
        }
    }
}

/// Clients in the hands of a test, which sees the actions of each call.
struct Stage {
    clients: Clients<u32, Numbers>,
    draws: Draws,
    begun: u32,
}

impl Stage {
    fn new(pace: &str, retry: Option<&str>) -> Self {
        let pace: Pace = ron::from_str(pace).expect("a pace");
        let retry = retry.map(|text| ron::from_str(text).expect("a retry"));
        let clients = Clients::new(&pace, retry, 2, Numbers).expect("a sensible load");
        Stage { clients, draws: Draws::keyed(7), begun: 0 }
    }

    fn ada(
        &mut self,
        call: impl FnOnce(&mut Clients<u32, Numbers>, &mut Client<'_, u32>),
    ) -> Vec<Action<u32>> {
        let mut actions = Vec::new();
        let draws = &mut self.draws;
        let mut cx = Client::new(ADA, Time::ZERO, draws, &mut self.begun, &mut actions);
        call(&mut self.clients, &mut cx);
        actions
    }

    fn wake(&mut self, tag: u64) -> Vec<Action<u32>> {
        self.ada(|clients, cx| clients.on_wake(ADA, tag, cx))
    }

    fn hear(&mut self, event: u32) -> Vec<Action<u32>> {
        self.ada(|clients, cx| clients.on_event(ADA, &event, cx))
    }
}

fn operation(number: u32) -> Operation {
    Operation { client: ADA, number }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

const CLOSED: &str = "Closed(think: Constant(\"5ms\"), requests_per_node: 2, only: [NodeId(0)])";

#[test]
fn a_closed_client_thinks_asks_hears_and_thinks_again() {
    let mut stage = Stage::new(CLOSED, None);
    assert_eq!(stage.ada(|c, cx| c.on_start(ADA, cx)), [Action::Wake(ms(5), ARISE)]);
    let first = operation(0);
    assert_eq!(stage.wake(ARISE), [Action::Begin(first), Action::Request(first, 0)]);
    assert_eq!(stage.hear(101), [], "news that answers nothing");
    assert_eq!(stage.hear(7), [], "the answer to what it has not asked");
    assert_eq!(stage.hear(0), [Action::Complete(first), Action::Wake(ms(5), ARISE)]);
    assert_eq!(stage.hear(0), [], "the same answer again");
    assert!(!Workload::<u32, u32>::finished(&stage.clients));
    stage.wake(ARISE);
    assert!(Workload::<u32, u32>::finished(&stage.clients), "nothing new will be asked");
    assert_eq!(stage.hear(u32::MAX), [Action::Complete(operation(1))]);
}

#[test]
fn an_open_client_asks_for_so_many_at_once_and_the_rest_wait() {
    let pace = "Open(every: Constant(\"1ms\"), requests_per_node: 3, at_once: 2)";
    let mut stage = Stage::new(pace, None);
    stage.wake(ARISE);
    let second = stage.wake(ARISE);
    assert_eq!(second[2], Action::Request(operation(1), 1), "beside the first");
    assert_eq!(stage.wake(ARISE), [Action::Begin(operation(2))], "no third at once");
    let answered = stage.hear(1);
    assert_eq!(
        answered,
        [Action::Complete(operation(1)), Action::Request(operation(2), 2)],
        "answers come in any order"
    );
}

#[test]
fn who_hears_nothing_asks_again_and_gives_up_in_the_end() {
    let mut stage = Stage::new(CLOSED, Some("(after: \"9ms\", attempts: 2)"));
    let first = operation(0);
    let patience = |attempt| Action::Wake(ms(9), patience_tag(first, attempt));
    assert_eq!(stage.wake(ARISE)[1..], [Action::Request(first, 0), patience(1)]);
    let again = stage.wake(patience_tag(first, 1));
    assert_eq!(again, [Action::Request(first, 0), patience(2)]);
    assert_eq!(stage.wake(patience_tag(first, 1)), [], "the first wait is over already");
    let gone = stage.wake(patience_tag(first, 2));
    assert_eq!(gone, [Action::Wake(ms(5), ARISE)], "given up, and not completed");
    assert_eq!(stage.hear(0), [], "an answer that comes too late");
}

#[test]
fn patience_ends_with_the_answer() {
    let mut stage = Stage::new(CLOSED, Some("(after: \"9ms\")"));
    stage.wake(ARISE);
    stage.hear(0);
    assert_eq!(stage.wake(patience_tag(operation(0), 1)), []);
}

#[test]
fn a_refused_request_is_repeated_at_the_restart() {
    let mut stage = Stage::new(CLOSED, None);
    stage.wake(ARISE);
    assert_eq!(stage.ada(|c, cx| Workload::<u32, u32>::on_refused(c, ADA, 0, cx)), []);
    let restarted = stage.ada(|c, cx| c.on_restart(ADA, cx));
    assert_eq!(restarted, [Action::Request(operation(0), 0)]);
}

#[test]
fn what_a_crash_has_swallowed_is_given_up_unless_it_is_asked_again() {
    let mut impatient = Stage::new(CLOSED, None);
    impatient.wake(ARISE);
    let restarted = impatient.ada(|c, cx| c.on_restart(ADA, cx));
    assert_eq!(restarted, [Action::Wake(ms(5), ARISE)]);

    let mut patient = Stage::new(CLOSED, Some("(after: \"9ms\", attempts: 2)"));
    patient.wake(ARISE);
    assert_eq!(patient.ada(|c, cx| c.on_restart(ADA, cx)), []);
    let again = patient.wake(patience_tag(operation(0), 1));
    assert_eq!(again[0], Action::Request(operation(0), 0));
}

#[test]
fn loads_that_make_no_sense_are_refused_with_a_reason() {
    for (pace, retry, word) in [
        ("Closed(requests_per_node: 0)", None, "pace: requests_per_node"),
        ("Closed(think: Uniform(\"2s\", \"1s\"))", None, "pace: think"),
        ("Open(every: Empirical([]))", None, "pace: every"),
        ("Open(at_once: 0)", None, "pace: at_once"),
        ("Closed(only: [NodeId(9)])", None, "n9"),
        ("Closed()", Some("(after: \"0s\")"), "retry: after"),
        ("Closed()", Some("(after: \"1s\", attempts: 0)"), "retry: attempts"),
    ] {
        let pace: Pace = ron::from_str(pace).expect("it parses");
        let retry: Option<Retry> = retry.map(|text| ron::from_str(text).expect("it parses"));
        let made = Clients::<u32, _>::new(&pace, retry, 3, Numbers);
        let why = made.map(drop).expect_err("it makes no sense");
        assert!(why.contains(word), "{why}");
    }
}

/// Pearson's statistic of 100,000 draws against the law, below its 99.99% quantile for 9 degrees
/// of freedom; the same draws against another exponent are far above.
#[test]
fn keys_are_as_popular_as_stated() {
    let statistic = |keys: &Keys, law: f64| {
        let popularity = Popularity::new(keys).expect("sensible");
        let mut draws = Draws::keyed(11);
        let mut counts = [0.0; 10];
        for _ in 0..100_000 {
            counts[NodeId(popularity.draw(&mut draws)).index()] += 1.0;
        }
        let weight = |rank: u32| libm::pow(f64::from(rank + 1), -law);
        let total: f64 = (0..10).map(weight).sum();
        let expected = (0..10).map(|rank| 100_000.0 * weight(rank) / total);
        counts.iter().zip(expected).map(|(n, e)| (n - e) * (n - e) / e).sum::<f64>()
    };
    let zipf = Keys::Zipf { count: 10, exponent: 0.99 };
    let uniform = Keys::Uniform { count: 10 };
    assert!(statistic(&zipf, 0.99) < 33.7, "{}", statistic(&zipf, 0.99));
    assert!(statistic(&uniform, 0.0) < 33.7, "{}", statistic(&uniform, 0.0));
    assert!(statistic(&zipf, 0.9) > 33.7 && statistic(&uniform, 0.05) > 33.7);
}

#[test]
fn keys_that_make_no_sense_are_refused() {
    for keys in [
        Keys::Uniform { count: 0 },
        Keys::Uniform { count: u32::MAX },
        Keys::Zipf { count: 5, exponent: -1.0 },
        Keys::Zipf { count: 5, exponent: f64::NAN },
    ] {
        Popularity::new(&keys).expect_err("it makes no sense");
    }
}
