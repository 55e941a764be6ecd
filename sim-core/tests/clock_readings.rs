//! Clocks: exact readings, exact due instants, no jumps.

use proptest::prelude::*;
use seedbed_core::clock::{Clock, ClockModel, Spread, Wander};
use seedbed_node::{Draws, Duration, LocalTime, Time};

const SECOND: u64 = 1_000_000_000;

fn clock(offset_ns: i64, drift_ppb: i64) -> Clock {
    let model = ClockModel {
        offset_ns: Spread::Constant(offset_ns),
        drift_ppb: Spread::Constant(drift_ppb),
        ..ClockModel::default()
    };
    model.check().expect("a possible clock");
    Clock::new(&model, &mut Draws::keyed(1))
}

#[test]
fn a_timer_of_1_0005_s_on_a_clock_500_ppm_fast_is_due_at_1_s() {
    let mut clock = clock(-7, 500_000);
    let deadline = clock.monotonic(Time::ZERO) + Duration::from_micros(1_000_500);
    assert_eq!(clock.due(deadline, Time::ZERO), Time(SECOND));
    clock.step(3_600 * SECOND as i64);
    clock.adjust(Time(5), -40, Duration::from_millis(1));
    assert_eq!(clock.due(deadline, Time(9)), Time(SECOND), "steps and slews move no timer");
}

#[test]
fn a_change_of_drift_moves_what_is_left_of_a_timer() {
    let mut clock = clock(0, 0);
    let deadline = LocalTime(2 * SECOND as i64);
    clock.set_drift(Time(SECOND), -500_000_000);
    assert_eq!(clock.due(deadline, Time(SECOND)), Time(3 * SECOND));
    assert_eq!(clock.drift_ppb(), -500_000_000);
}

#[test]
fn the_wall_clock_leads_steps_slews_and_rounds() {
    let mut slewing = clock(1_000, 0);
    assert_eq!(slewing.wall(Time(50)), LocalTime(1_050));
    slewing.step(-2_000);
    assert_eq!(slewing.wall(Time(50)), LocalTime(-950));
    slewing.adjust(Time(100), 10, Duration::from_nanos(40));
    let walls = [100, 104, 120, 140, 1_000].map(|now| slewing.wall(Time(now)).0);
    assert_eq!(walls, [-900, -895, -875, -850, 10]);
    slewing.adjust(Time(1_000), -8, Duration::from_nanos(8));
    slewing.adjust(Time(1_004), 3, Duration::ZERO);
    assert_eq!(slewing.wall(Time(1_004)), LocalTime(13), "half the slew, then a step");
    assert_eq!(slewing.monotonic(Time(1_004)), LocalTime(1_004));

    let coarse = ClockModel {
        offset_ns: Spread::Constant(-25),
        granularity: Duration::from_nanos(10),
        ..ClockModel::default()
    };
    let coarse = Clock::new(&coarse, &mut Draws::keyed(1));
    assert_eq!([0, 14, 15, 29, 35].map(|now| coarse.wall(Time(now)).0), [-30, -20, -10, 0, 10]);
}

#[test]
fn a_new_slew_replaces_the_rest_of_an_earlier_one() {
    let mut clock = clock(0, 0);
    clock.adjust(Time(0), 100, Duration::from_nanos(100));
    clock.adjust(Time(40), 10, Duration::from_nanos(10));
    assert_eq!(clock.wall(Time(1_000)), LocalTime(1_050));
}

#[test]
fn a_walk_stays_within_its_bound_and_moves() {
    let model = ClockModel {
        drift_ppb: Spread::Constant(70_000),
        wander: Some(Wander { every: Duration::from_secs(1), step_ppb: 5_000, bound_ppb: 20_000 }),
        ..ClockModel::default()
    };
    let mut clock = Clock::new(&model, &mut Draws::keyed(3));
    assert_eq!(clock.wander_every(), Some(Duration::from_secs(1)));
    let mut draws = Draws::keyed(4);
    let mut seen = Vec::new();
    for second in 1..5_000 {
        let before = clock.drift_ppb();
        clock.wander(Time(second * SECOND), &mut draws);
        assert!((clock.drift_ppb() - before).abs() <= 5_000);
        seen.push(clock.drift_ppb());
    }
    assert_eq!(seen.iter().min(), Some(&50_000), "long walks reach both bounds");
    assert_eq!(seen.iter().max(), Some(&90_000));
    clock.set_drift(Time(5_000 * SECOND), 0);
    clock.wander(Time(5_001 * SECOND), &mut draws);
    assert!(clock.drift_ppb().abs() <= 5_000, "the walk goes on about the new rate");
}

#[test]
fn the_drift_does_not_depend_on_how_the_offset_is_drawn() {
    let with = |offset_ns| {
        let drift_ppb = Spread::Normal { mean: 0.0, sd: 50_000.0 };
        let model = ClockModel { offset_ns, drift_ppb, ..ClockModel::default() };
        Clock::new(&model, &mut Draws::keyed(8)).drift_ppb()
    };
    assert_ne!(with(Spread::Constant(0)), 0);
    assert_eq!(with(Spread::Constant(0)), with(Spread::Uniform(-5, 5)));
    assert_eq!(with(Spread::Constant(0)), with(Spread::Normal { mean: 1.0, sd: 9.0 }));
}

#[test]
fn impossible_clocks_are_refused() {
    let drifting = |drift_ppb| ClockModel { drift_ppb, ..ClockModel::default() };
    for drift in [
        Spread::Constant(1_000_000_000),
        Spread::Constant(-1_000_000_000),
        Spread::Uniform(0, i64::MAX),
        Spread::Uniform(5, -5),
        Spread::Normal { mean: f64::NAN, sd: 1.0 },
        Spread::Normal { mean: 0.0, sd: -1.0 },
        Spread::Normal { mean: -2e9, sd: 1.0 },
    ] {
        assert!(drifting(drift).check().is_err(), "{drift:?}");
    }
    assert_eq!(drifting(Spread::Uniform(-999_999_999, 999_999_999)).check(), Ok(()));
    let wandering = |every, bound_ppb| ClockModel {
        wander: Some(Wander { every, step_ppb: 1, bound_ppb }),
        ..ClockModel::default()
    };
    assert!(wandering(Duration::ZERO, 1).check().is_err());
    assert!(wandering(Duration::from_secs(1), 1_000_000_000).check().is_err());
    assert_eq!(wandering(Duration::from_secs(1), 1_000).check(), Ok(()));
}

/// Any rate error: mostly what quartz has, sometimes absurd.
fn drift() -> impl Strategy<Value = i64> {
    prop_oneof![
        -500_000..500_000i64,
        -999_999_999..1_000_000_000i64,
        Just(-999_999_999i64),
        Just(999_999_999i64),
    ]
}

/// Any instant: mostly within a year, sometimes anywhere.
fn instant() -> impl Strategy<Value = u64> {
    prop_oneof![0..31_536_000 * SECOND, any::<u64>(), Just(u64::MAX)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn due_is_the_first_instant_at_which_the_deadline_has_come(
        drifts in prop::collection::vec((drift(), 0..1_000_000 * SECOND), 1..5),
        after in prop_oneof![0..1_000 * SECOND, 0..i64::MAX as u64],
        back in 0..1_000u64,
    ) {
        let mut clock = clock(0, drifts[0].0);
        let mut now = Time::ZERO;
        for (ppb, gap) in drifts {
            now = now + Duration::from_nanos(gap);
            clock.set_drift(now, ppb);
        }
        let deadline = clock.monotonic(now) + Duration::from_nanos(after);
        let deadline = LocalTime(deadline.0 - back as i64);
        let due = clock.due(deadline, now);
        prop_assert!(due >= now);
        prop_assert!(due == Time::MAX || clock.monotonic(due) >= deadline);
        prop_assert!(due == now || clock.monotonic(Time(due.0 - 1)) < deadline);
    }

    #[test]
    fn readings_never_run_backwards_nor_jump(
        changes in prop::collection::vec((instant(), drift()), 1..6),
        probes in prop::collection::vec(instant(), 1..6),
    ) {
        let mut changes = changes;
        changes.sort_unstable();
        let mut clock = clock(0, changes[0].1);
        for (now, ppb) in changes {
            let now = Time(now);
            let (before, wall) = (clock.monotonic(now), clock.wall(now));
            clock.set_drift(now, ppb);
            prop_assert_eq!(clock.monotonic(now), before);
            prop_assert_eq!(clock.wall(now), wall);
            for &later in probes.iter().filter(|&&later| later >= now.0) {
                prop_assert!(clock.monotonic(Time(later)) >= before);
            }
        }
    }

    #[test]
    fn readings_are_the_exact_quotient(at in instant(), ppb in drift()) {
        let exact = i128::from(at) * i128::from(1_000_000_000 + ppb) / 1_000_000_000;
        let expected = i64::try_from(exact).unwrap_or(i64::MAX);
        prop_assert_eq!(clock(0, ppb).monotonic(Time(at)), LocalTime(expected));
    }

    #[test]
    fn changes_of_rate_lose_no_fraction(at in prop::collection::vec(1..100_000u64, 1..200)) {
        let mut clock = clock(0, 333_333_333);
        let mut now = Time::ZERO;
        for gap in at {
            now = now + Duration::from_nanos(gap);
            clock.set_drift(now, 333_333_333);
        }
        let exact = u128::from(now.0) * 1_333_333_333 / 1_000_000_000;
        prop_assert_eq!(i128::from(clock.monotonic(now).0), exact as i128);
    }

    #[test]
    fn nothing_overflows(
        offset in any::<i64>(), ppb in drift(), steps in prop::collection::vec(any::<i64>(), 0..4),
        over in any::<u64>(), at in instant(), deadline in any::<i64>(), grain in any::<u64>(),
    ) {
        let model = ClockModel {
            offset_ns: Spread::Constant(offset),
            drift_ppb: Spread::Constant(ppb),
            granularity: Duration::from_nanos(grain),
            ..ClockModel::default()
        };
        let mut clock = Clock::new(&model, &mut Draws::keyed(1));
        for by in steps {
            clock.adjust(Time(at / 2), by, Duration::from_nanos(over));
            clock.step(by);
        }
        clock.wall(Time(at));
        prop_assert!(clock.due(LocalTime(deadline), Time(at)) >= Time(at));
    }
}
