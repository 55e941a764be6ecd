//! Closed forms for packet paths: what the mechanism must come to in the regime of each.
//!
//! Rates are per second and times in nanoseconds, as floats: they are figures, not simulated time.
//! Where mechanism and form part is said at each.

/// Nanoseconds in a second.
const SECOND: f64 = 1e9;

/// E1. Frames of `bytes` (CRC included) per second on an Ethernet: each takes 20 bytes more
/// (IEEE 802.3, clause 4.2).
pub fn wire_pps(bits_per_s: f64, bytes: f64) -> f64 {
    bits_per_s / (8.0 * (bytes + 20.0))
}

/// E2. Nanoseconds a packet in batches of `b`: `a + c·bytes + S/b` (Rizzo, netmap, USENIX ATC 2012,
/// §5; Emmerich et al., ixy, ANCS 2019).
pub fn batch_ns(a_ns: f64, c_ns_per_byte: f64, bytes: f64, s_ns: f64, b: f64) -> f64 {
    a_ns + c_ns_per_byte * bytes + s_ns / b
}

/// E2. Packets per second of `cores` that take `ns` each: no more than wire and bus carry.
pub fn capacity_pps(wire_pps: f64, bus_pps: f64, cores: f64, ns: f64) -> f64 {
    wire_pps.min(bus_pps).min(cores * SECOND / ns)
}

/// E3. Nanoseconds of CPU a packet under NAPI with Poisson arrivals:
/// `a + I·(1−λa)/(1+λT)`, the chance that a poll empties the ring and re-arms the interrupt.
///
/// A cycle has 1 + λT packets when polling begins and ends once the ring is empty, after
/// (1+λT)/(1−λa) packets. `T` runs from the first packet to the first poll, so it includes the
/// interrupt's own time. Evenly spaced arrivals come to less: their polls find the ring empty at
/// once. From λ = 1/a on there are no interrupts, which the form says only up to there.
pub fn napi_ns(a_ns: f64, i_ns: f64, t_ns: f64, pps: f64) -> f64 {
    let rate = pps / SECOND;
    a_ns + i_ns * (1.0 - rate * a_ns).max(0.0) / (1.0 + rate * t_ns)
}

/// E4. Packets out per second of an interrupt-driven router that spends `i_ns` on every packet that
/// it accepts and `p_ns` after that, at a lower priority (Mogul & Ramakrishnan, USENIX 1996, §6).
///
/// Rings are taken to be long enough for what waits below the peak.
pub fn livelock_pps(i_ns: f64, p_ns: f64, pps: f64) -> f64 {
    if pps <= SECOND / (i_ns + p_ns) { pps } else { ((SECOND - pps * i_ns) / p_ns).max(0.0) }
}

/// E4. The load from which nothing comes out.
pub fn livelock_from_pps(i_ns: f64) -> f64 {
    SECOND / i_ns
}

/// E5. Nanoseconds a packet with cache misses: `a + κ·ν·m`.
pub fn cache_ns(a_ns: f64, miss_ns: f64, numa: f64, misses: f64) -> f64 {
    a_ns + miss_ns * numa * misses
}

/// E6. Nanoseconds a packet on the switch's core, for a chain of `k` functions behind it.
pub fn via_switch_ns(first_ns: f64, hop_ns: f64, k: f64) -> f64 {
    first_ns + hop_ns * k
}

/// E6. Nanoseconds a packet of the slowest of functions with a core each: flat in their number.
pub fn direct_ns(functions_ns: &[f64]) -> f64 {
    functions_ns.iter().copied().fold(0.0, f64::max)
}

/// E6. Nanoseconds a packet on the one core of all functions: their sum and a hop more than there
/// are functions.
pub fn shared_core_ns(functions_ns: &[f64], hop_ns: f64) -> f64 {
    functions_ns.iter().sum::<f64>() + (functions_ns.len() as f64 + 1.0) * hop_ns
}

/// E7. How long a packet waits on average for the rest of its batch, where a stage waits until it
/// has `b` packets; greedy stages do not.
pub fn fill_wait_ns(b: f64, pps: f64) -> f64 {
    (b - 1.0) / 2.0 * SECOND / pps
}

/// M/D/1: mean time in the system, service included (Pollaczek 1930, Khinchin 1932).
pub fn md1_ns(service_ns: f64, pps: f64) -> f64 {
    let load = pps * service_ns / SECOND;
    service_ns + load * service_ns / (2.0 * (1.0 - load))
}

/// M/M/1: mean time in the system.
pub fn mm1_ns(service_ns: f64, pps: f64) -> f64 {
    service_ns / (1.0 - pps * service_ns / SECOND)
}

/// M/M/1/K (Erlang): chances of 0 to `k` packets in the system, the one in service included.
pub fn mm1k(load: f64, k: u32) -> Vec<f64> {
    let weights: Vec<f64> = (0..=k).map(|n| libm::pow(load, f64::from(n))).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// M/M/1/K: the share of packets that is dropped.
pub fn mm1k_loss(load: f64, k: u32) -> f64 {
    mm1k(load, k).last().copied().unwrap_or(1.0)
}

/// M/M/1/K: mean time in the system of packets that are not dropped.
pub fn mm1k_ns(service_ns: f64, pps: f64, k: u32) -> f64 {
    let chances = mm1k(pps * service_ns / SECOND, k);
    let mean: f64 = (0u32..).zip(&chances).map(|(n, chance)| f64::from(n) * chance).sum();
    mean / (pps * (1.0 - chances[k as usize])) * SECOND
}

/// M/M/c: mean time in the system (Erlang C, 1917).
pub fn mmc_ns(service_ns: f64, pps: f64, servers: u32) -> f64 {
    let offered = pps * service_ns / SECOND;
    // Erlang B by its recursion, then C from B.
    let blocking = (1..=servers).fold(1.0, |b, c| offered * b / (f64::from(c) + offered * b));
    let load = offered / f64::from(servers);
    let waits = blocking / (1.0 - load * (1.0 - blocking));
    service_ns + waits * service_ns / (f64::from(servers) * (1.0 - load))
}

/// The share of hits of a cache of `room` that forgets the least recently used, under requests for
/// `flows` alike, once it is full.
pub fn lru_uniform(room: f64, flows: f64) -> f64 {
    (room / flows).min(1.0)
}

/// The same under requests in proportion to `weights` (Che, Tung & Wang, JSAC 2002): a flow is in the
/// cache if it came within the last `T`, and `T` is such that the cache is just full.
pub fn lru_che(weights: &[f64], room: f64) -> f64 {
    let sum: f64 = weights.iter().sum();
    if room >= weights.len() as f64 {
        return 1.0;
    }
    let present = |weight: f64, t: f64| 1.0 - libm::exp(-weight / sum * t);
    let occupied = |t: f64| weights.iter().map(|weight| present(*weight, t)).sum::<f64>();
    let (mut low, mut high) = (0.0, 1.0);
    while occupied(high) < room {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        *(if occupied(middle) < room { &mut low } else { &mut high }) = middle;
    }
    weights.iter().map(|weight| weight / sum * present(*weight, high)).sum()
}

/// Zipf's weights: the i-th of `count` in proportion to i to the power of `-exponent`.
pub fn zipf(count: u32, exponent: f64) -> Vec<f64> {
    super::traffic::zipf_weights(count, exponent).collect()
}

/// The share of a flow's packets that find its entry: 1 - exp(-λτ), for Poisson arrivals of `pps` and
/// an idle timeout of `timeout_ns`.
pub fn idle_timeout(pps: f64, timeout_ns: f64) -> f64 {
    1.0 - libm::exp(-pps * timeout_ns / SECOND)
}

/// Nanoseconds a packet in a switch with an exact-match cache and megaflows:
/// `base + (1-h)·L·n·t_sub + p_up·t_up`.
pub fn switch_ns(
    base_ns: f64,
    exact_hits: f64,
    lookups: f64,
    subtables: f64,
    subtable_ns: f64,
    upcalls: f64,
    upcall_ns: f64,
) -> f64 {
    base_ns + (1.0 - exact_hits) * lookups * subtables * subtable_ns + upcalls * upcall_ns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_gigabits_are_14_88_million_frames() {
        assert!((wire_pps(10e9, 64.0) - 14_880_952.0).abs() < 1.0);
    }

    #[test]
    fn one_server_is_a_special_case_of_many_and_of_unbounded_room() {
        let (service, pps) = (100.0, 7e6);
        assert!((mmc_ns(service, pps, 1) - mm1_ns(service, pps)).abs() < 1e-6);
        assert!((mm1k_ns(service, pps, 400) - mm1_ns(service, pps)).abs() < 1e-3);
        assert!((mm1k_loss(1.0, 9) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn livelock_is_continuous_at_its_peak_and_zero_at_its_end() {
        let peak = SECOND / 300.0;
        assert!((livelock_pps(100.0, 200.0, peak * 1.000_001) - peak).abs() < 10.0);
        assert_eq!(livelock_pps(100.0, 200.0, livelock_from_pps(100.0) * 2.0), 0.0);
    }
}
