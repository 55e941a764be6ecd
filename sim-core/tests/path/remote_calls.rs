//! The latency of calls: published totals, and what each optimisation saves.

use seedbed_core::network::path::rpc::{Call, Direction, Optimisation, Side, Stack};

use crate::within;
use Optimisation::{
    BothSpin, ClientSpins, CutThrough, FasterWire, HardwareChecksum, KernelStub, NoAcknowledgement,
    NoClientBuffer, OverlappedServerBuffer, SharedDescriptor,
};

/// Schroeder & Burrows, TOCS 1990, table I: 2.66 ms and 6.35 ms as measured.
#[test]
fn firefly_totals() {
    let total = |call| Stack::firefly().bar(call, &[]).total_ns() as f64 / 1e6;
    within("null call, ms", total(Call::NULL), 2.66, 0.06);
    within("1440 bytes of result, ms", total(Call::MAX_RESULT), 6.35, 0.06);
}

/// The same, table VI: subtotals of one packet.
#[test]
fn firefly_subtotals() {
    let bar = Stack::firefly().bar(Call::MAX_RESULT, &[]);
    let us = |side, packet| {
        let of = bar.segments.iter().filter(|s| s.side == side && s.packet == Some(packet));
        of.map(|s| s.ns).sum::<u64>() / 1_000
    };
    for (side, small, large) in
        [(Side::Sender, 288, 683), (Side::Network, 210, 2_880), (Side::Receiver, 456, 851)]
    {
        assert_eq!(us(side, Direction::Request), small, "{side:?}, 74 bytes");
        assert_eq!(us(side, Direction::Result), large, "{side:?}, 1514 bytes");
    }
}

/// RAMCloud, RPC Performance Numbers: 1.431 µs.
#[test]
fn ramcloud_total() {
    assert_eq!(Stack::ramcloud().bar(Call::NULL, &[]).total_ns(), 1_431);
}

/// What each takes out of the table, in microseconds: of a null call and of 1440 bytes of result.
#[test]
fn every_optimisation_saves_its_entries_per_packet() {
    let firefly: [(Optimisation, u64, u64); 10] = [
        (KernelStub, 2 * 37, 2 * 37 + 550),
        (SharedDescriptor, 0, 550),
        (ClientSpins, 220, 220),
        (BothSpin, 2 * 220, 2 * 220),
        (HardwareChecksum, 4 * 45, 2 * 45 + 2 * 440),
        (FasterWire(10), 2 * 54, 54 + 1_107),
        (CutThrough, 2 * (70 + 80), 70 + 80 + 815 + 835),
        // These the Firefly had already.
        (NoAcknowledgement, 0, 0),
        (NoClientBuffer, 0, 0),
        (OverlappedServerBuffer, 0, 0),
    ];
    for (optimisation, null_us, large_us) in firefly {
        let saving = |call| Stack::firefly().saving_ns(call, &[optimisation]) / 1_000;
        assert_eq!(saving(Call::NULL), null_us, "{optimisation:?}");
        assert_eq!(saving(Call::MAX_RESULT), large_us, "{optimisation:?}");
    }
    let textbook = [
        (NoAcknowledgement, 2 * (147 + 191), 2 * (147 + 191)),
        (NoClientBuffer, 28, 28),
        (OverlappedServerBuffer, 28, 578),
    ];
    for (optimisation, null_us, large_us) in textbook {
        let saving = |call| Stack::textbook().saving_ns(call, &[optimisation]) / 1_000;
        assert_eq!(saving(Call::NULL), null_us, "{optimisation:?}");
        assert_eq!(saving(Call::MAX_RESULT), large_us, "{optimisation:?}");
    }
}

/// The designers' own estimates (the same, section 4.2), rounded as they rounded, in microseconds.
#[test]
fn savings_are_what_the_designers_expected() {
    for (optimisation, null_us, large_us) in [
        (CutThrough, 300.0, 1_800.0),
        (FasterWire(10), 110.0, 1_160.0),
        (HardwareChecksum, 180.0, 1_000.0),
        (BothSpin, 440.0, 440.0),
    ] {
        let saving = |call| Stack::firefly().saving_ns(call, &[optimisation]) as f64 / 1e3;
        within(&format!("{optimisation:?}, null"), saving(Call::NULL), null_us, 0.04);
        within(&format!("{optimisation:?}, 1440"), saving(Call::MAX_RESULT), large_us, 0.04);
    }
}

#[test]
fn nothing_is_saved_twice() {
    let saving = |with: &[Optimisation]| Stack::textbook().saving_ns(Call::MAX_RESULT, with);
    assert_eq!(saving(&[ClientSpins, BothSpin]), saving(&[BothSpin]));
    assert_eq!(saving(&[KernelStub, SharedDescriptor]), saving(&[KernelStub]));
    assert_eq!(saving(&[CutThrough, CutThrough]), saving(&[CutThrough]));
    // Without the bus, what is left of transmission still covers the buffering.
    let apart = saving(&[CutThrough]) + saving(&[OverlappedServerBuffer]);
    assert_eq!(saving(&[CutThrough, OverlappedServerBuffer]), apart);
    // On a wire of ten times the speed, it covers 123 µs of 578.
    let with = [CutThrough, FasterWire(10), OverlappedServerBuffer];
    let without = [CutThrough, FasterWire(10)];
    assert_eq!(saving(&with) - saving(&without), 123_000);
}

/// Any combination saves at most the sum, and exactly the sum if no entry is in two of them.
#[test]
fn savings_add_up_where_entries_differ() {
    let apart = [ClientSpins, HardwareChecksum, KernelStub, NoAcknowledgement, NoClientBuffer];
    let saving = |with: &[Optimisation]| Stack::textbook().saving_ns(Call::MAX_RESULT, with);
    let sum: u64 = apart.iter().map(|optimisation| saving(&[*optimisation])).sum();
    assert_eq!(saving(&apart), sum);
    let mut all = apart.to_vec();
    all.extend([BothSpin, SharedDescriptor, CutThrough, FasterWire(10), OverlappedServerBuffer]);
    let sum: u64 = all.iter().map(|optimisation| saving(&[*optimisation])).sum();
    assert!(saving(&all) < sum);
    all.reverse();
    let reversed = Stack::textbook().bar(Call::MAX_RESULT, &all);
    all.reverse();
    assert_eq!(Stack::textbook().bar(Call::MAX_RESULT, &all), reversed, "order does not matter");
}
