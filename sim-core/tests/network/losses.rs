//! Loss, duplication and corruption happen as often as they should.

use seedbed_core::network::{Corruption, Fate, LinkModel, Loss, Network, Noise};
use seedbed_node::{Distribution, Duration, Probability};

use super::{message, send, travel, uniform};

const MESSAGES: u64 = 1_000_000;

fn p(value: f64) -> Probability {
    Probability::new(value).expect("a probability")
}

fn fates(network: &mut Network, count: u64) -> impl Iterator<Item = Fate> {
    (0..count).map(|i| send(network, &message(0, 1, i * 1_000)))
}

fn losses(loss: Loss) -> Vec<bool> {
    let mut network = uniform(LinkModel { loss, ..LinkModel::default() }, 2);
    fates(&mut network, MESSAGES).map(|fate| fate == Fate::Lost).collect()
}

fn share(hits: &[bool]) -> f64 {
    hits.iter().filter(|hit| **hit).count() as f64 / hits.len() as f64
}

/// Within four standard errors.
fn assert_share(found: f64, expected: f64, count: u64) {
    let error = libm::sqrt(expected * (1.0 - expected) / count as f64);
    assert!((found - expected).abs() < 4.0 * error, "{found}, expected {expected} ± {error}");
}

#[test]
fn bernoulli_loses_its_share_independently() {
    let lost = losses(Loss::Bernoulli(p(0.03)));
    assert_share(share(&lost), 0.03, MESSAGES);
    let pairs: Vec<_> = lost.windows(2).map(|pair| pair[0] && pair[1]).collect();
    assert_share(share(&pairs), 0.03 * 0.03, MESSAGES);
    assert!(losses(Loss::Bernoulli(Probability::ALWAYS)).iter().all(|lost| *lost));
    assert!(!losses(Loss::Bernoulli(Probability::NEVER)).iter().any(|lost| *lost));
}

#[test]
fn gilbert_elliott_has_its_stationary_loss_and_mean_burst() {
    let (enter, leave) = (0.01, 0.1);
    let lost = losses(Loss::GilbertElliott {
        enter: p(enter),
        leave: p(leave),
        good: Probability::NEVER,
        bad: Probability::ALWAYS,
    });
    let stationary = enter / (enter + leave);
    assert!((share(&lost) / stationary - 1.0).abs() < 0.04, "loss {}", share(&lost));
    let bursts: Vec<_> =
        lost.chunk_by(|a, b| a == b).filter(|run| run[0]).map(<[_]>::len).collect();
    let burst = bursts.iter().sum::<usize>() as f64 / bursts.len() as f64;
    assert!((burst * leave - 1.0).abs() < 0.04, "mean burst {burst}");
    let short = bursts.iter().filter(|length| **length == 1).count() as f64 / bursts.len() as f64;
    assert_share(short, leave, bursts.len() as u64);
}

#[test]
fn gilbert_elliott_loses_in_both_states() {
    let lost =
        losses(Loss::GilbertElliott { enter: p(0.2), leave: p(0.3), good: p(0.05), bad: p(0.6) });
    let stationary = 0.4 * 0.6 + 0.6 * 0.05;
    assert!((share(&lost) / stationary - 1.0).abs() < 0.01, "loss {}", share(&lost));
    // Two in a row: the chain leaves a loss in the bad state with the share 0.24 / 0.27.
    let in_bad = 0.4 * 0.6 / stationary;
    let next = |bad: f64| bad * 0.6 + (1.0 - bad) * 0.05;
    let expected = in_bad * next(0.7) + (1.0 - in_bad) * next(0.2);
    let pairs = lost.windows(2).filter(|pair| pair[0] && pair[1]).count() as f64;
    let found = pairs / (share(&lost) * MESSAGES as f64);
    assert!((found / expected - 1.0).abs() < 0.01, "{found} after a loss, expected {expected}");
}

#[test]
fn every_link_has_a_chain_of_its_own() {
    let loss = Loss::GilbertElliott {
        enter: Probability::ALWAYS,
        leave: Probability::ALWAYS,
        good: Probability::NEVER,
        bad: Probability::ALWAYS,
    };
    // Up to 1024 nodes and beyond: two ways of keeping states.
    for nodes in [3, 1_500] {
        let mut network = uniform(LinkModel { loss, ..LinkModel::default() }, nodes);
        let far = nodes - 1;
        for (from, to) in [(0, 1), (1, 0), (0, far), (0, 1), (0, far), (1, 0)].repeat(2) {
            let before = (from, to);
            let lost = send(&mut network, &message(from, to, 5)) == Fate::Lost;
            let again = send(&mut network, &message(from, to, 6)) == Fate::Lost;
            assert!(lost && !again, "{before:?} of {nodes}: bad first, then good again");
        }
    }
}

#[test]
fn duplication_has_its_share_and_copies_have_their_own_delay() {
    let delay = Distribution::Uniform(Duration::ZERO, Duration::from_millis(1));
    let link = LinkModel { delay, duplicate: p(0.2), ..LinkModel::default() };
    let travels: Vec<_> = fates(&mut uniform(link, 2), MESSAGES).map(travel).collect();
    let copied: Vec<_> = travels.iter().map(|travel| travel.second.is_some()).collect();
    assert_share(share(&copied), 0.2, MESSAGES);
    let later = travels.iter().filter_map(|t| Some(t.second?.arrives > t.arrives));
    let later: Vec<_> = later.collect();
    assert_share(share(&later), 0.5, later.len() as u64);
}

#[test]
fn noise_has_its_share_and_entropy() {
    let noises = |undetected| {
        let corrupt = Corruption { chance: p(0.1), undetected };
        let link = LinkModel { corrupt, duplicate: p(0.5), ..LinkModel::default() };
        fates(&mut uniform(link, 2), MESSAGES / 2).map(travel).collect::<Vec<_>>()
    };
    let detected = noises(false);
    let hit: Vec<_> = detected.iter().map(|travel| travel.noise == Noise::Detected).collect();
    assert_share(share(&hit), 0.1, MESSAGES / 2);
    let both = detected.iter().filter_map(|t| Some((t.noise, t.second?.noise)));
    let both: Vec<_> = both.map(|two| two == (Noise::Detected, Noise::Detected)).collect();
    assert_share(share(&both), 0.01, both.len() as u64);

    let altered = noises(true);
    let entropies = altered.iter().filter_map(|travel| match travel.noise {
        Noise::Altered(entropy) => Some(entropy),
        Noise::None => None,
        Noise::Detected => panic!("the checksum is off"),
    });
    let mut entropies: Vec<_> = entropies.collect();
    assert_share(entropies.len() as f64 / altered.len() as f64, 0.1, MESSAGES / 2);
    let count = entropies.len();
    entropies.sort_unstable();
    entropies.dedup();
    assert_eq!(entropies.len(), count);
}
