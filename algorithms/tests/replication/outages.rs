//! How long nobody is served when a server fails, in message delays after the master has noticed
//! (OSDI 2004, section 4). Links take 1 ms, servers no time.

use seedbed_algorithms::{ChainReplication, PrimaryBackup, Replication};
use seedbed_core::World;
use seedbed_node::{Algorithm, Duration, Time};

use crate::support::{
    Answer, answers, at_us, chain, crash, only, primary_backup, run, steady, until_ms, us,
};

/// Clients that ask whatever happens, ten times a millisecond in all.
fn steady_stream() -> String {
    format!(
        "(pace: Open(every: Constant(\"400us\"), requests_per_node: 250, at_once: 1000, {}), \
         keys: Uniform(count: 50), reads: 0.5)",
        only(3, 4)
    )
}

/// Server `server` crashes just after its heartbeat of 40 ms, which reaches the master at 41 ms; so
/// the master notices at 53 ms.
const CRASH: u64 = 40_100;
const NOTICED: u64 = 41_000 + 12_000;

fn failing(server: u32) -> World {
    let mut world = until_ms(steady(9, 3, 4), 600);
    world.faults.planned.push(crash(server, at_us(CRASH), None, None));
    world
}

/// When the first request that begins a silence after the crash is answered: delays after the
/// master has noticed, for reads and for writes; `None` where the longest silence is no longer
/// than usual.
fn delays<A>(params: A::Params, server: u32) -> (Option<u64>, Option<u64>)
where
    A: Algorithm<Family = Replication>,
{
    let all = answers::<A>(&failing(server), params, &steady_stream());
    assert_eq!(all.len(), 1000, "all are answered in the end");
    let end_of_silence = |of_reads: bool| {
        let of_kind = |answer: &&Answer| answer.is_read == of_reads;
        let times: Vec<Time> = all.iter().filter(of_kind).map(|answer| answer.at).collect();
        let gaps = times.windows(2).map(|pair| (pair[1].since(pair[0]), pair[1]));
        let (longest, end) = gaps.max_by_key(|(gap, _)| *gap).expect("answers");
        let noticed = at_us(NOTICED);
        (longest > us(3_000)).then(|| {
            let after = end.since(noticed);
            assert_eq!(after.as_nanos() % 1_000_000, 0, "{after}");
            after.as_nanos() / Duration::from_millis(1).as_nanos()
        })
    };
    (end_of_silence(true), end_of_silence(false))
}

/// An answer takes one more delay to its client than the service is out; and a request that has to
/// be put again takes as long as a request takes.
#[test]
fn of_a_chain() {
    let head = delays::<ChainReplication>(chain(3), 0);
    assert_eq!(head, (None, Some(4)), "clients know after 1; 3 for an update in a chain of 2");
    let middle = delays::<ChainReplication>(chain(3), 1);
    assert_eq!(middle, (None, Some(5)), "4 to mend the chain, 1 for the answer");
    let tail = delays::<ChainReplication>(chain(3), 2);
    assert_eq!(tail, (Some(3), Some(2)), "1 to the new tail or clients, then as usual");
}

#[test]
fn of_primary_and_backups() {
    let primary = delays::<PrimaryBackup>(primary_backup(3), 0);
    assert_eq!(primary, (Some(5), Some(5)), "poll, progress, configuration, word of the backup");
    let backup = delays::<PrimaryBackup>(primary_backup(3), 1);
    assert_eq!(backup, (Some(2), Some(2)), "1 to the primary, 1 for the answer");
}

/// The same as a figure of the run, from which a time-line can be drawn.
#[test]
fn outages_are_figures() {
    let outage = |server| {
        let outcome = run::<ChainReplication>(&failing(server), chain(3), &steady_stream(), &[]);
        (outcome.measures["read_outage_ns"] / 1e6, outcome.measures["write_outage_ns"] / 1e6)
    };
    let detection = (NOTICED - CRASH) as f64 / 1e3;
    let (reads, writes) = outage(0);
    assert!(reads < 3.0 && (detection..detection + 6.0).contains(&writes), "{reads}, {writes}");
    let (reads, writes) = outage(1);
    assert!(reads < 3.0 && (detection..detection + 7.0).contains(&writes), "{reads}, {writes}");
    let (reads, writes) = outage(2);
    assert!(reads > detection && writes > detection, "{reads}, {writes}");
}
