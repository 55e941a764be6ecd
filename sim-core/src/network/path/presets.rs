//! The presets: paths fitted on published figures alone.
//!
//! Sources: Høiland-Jørgensen et al., *The eXpress Data Path*, CoNEXT 2018, with its benchmark data
//! (one core at 3.6 GHz, 64-byte frames, 100 Gb/s); Mogul & Ramakrishnan, *Eliminating Receive
//! Livelock in an Interrupt-driven Kernel*, USENIX 1996, Fig. 6-1; Emmerich et al., *The Case for
//! Writing Network Drivers in High-Level Programming Languages* (ixy), ANCS 2019; the release notes
//! of OpenNetVM; Kalia et al., *Datacenter RPCs can be General and Fast* (eRPC), NSDI 2019; Rizzo,
//! *netmap*, USENIX ATC 2012.

use super::chain::{Chain, Chaining};
use super::model::{Cost, Next, Nic, Notify, Path, Priority, Rearm, Sleep, Stage};
use super::preset::Basis::{Assumed, Derived, Fitted, Measured};
use super::{Preset, Ps};

const XDP_2018: &str = "Høiland-Jørgensen et al., XDP, CoNEXT 2018";
const XDP_DATA: &str = "Høiland-Jørgensen et al., XDP, CoNEXT 2018, benchmark data";
const MOGUL_1996: &str = "Mogul & Ramakrishnan, USENIX 1996, Fig. 6-1";
const IXY_2019: &str = "Emmerich et al., ixy, ANCS 2019, batch curve of the C driver at 1.6 GHz";
const ONVM: &str = "OpenNetVM release notes: transmission moved from the manager to the function";
const CNF: &str = "CNCF, CNF testbed";
const ERPC: &str = "Kalia et al., eRPC, NSDI 2019";
const RINGS: &str = "usual defaults of drivers";
const WAKE: &str = "the latencies of XDP and Linux at 100 pps, both by one figure";
const LATENCY: &str = "what the latency at 1 Mpps leaves, bursts of the generator included";

/// 100 Gb/s behind a bus of 115 Mpps.
const NIC_100G: Nic =
    Nic { bits_per_s: 100_000_000_000, bus_pps: Some(115_000_000), fifo: 512, tx_ring: 1_024 };

/// `linux-napi`: per packet, per interrupt, and from the first packet to the first poll.
const LINUX_RAW: Ps = Ps(206_700);
const LINUX_INTERRUPT: Ps = Ps(1_265_000);
const LINUX_WINDOW: Ps = Ps(3_570_000);
/// The same for `xdp`.
const XDP_DROP: Ps = Ps(41_200);
const XDP_INTERRUPT: Ps = Ps(289_000);
const XDP_WINDOW: Ps = Ps(790_000);
/// Packets that a poll may take.
const NAPI_QUOTA: u32 = 64;

/// Adapters, bus and generator, and what XDP and Linux do that has no figure of its own.
const DPDK_FIXED: Ps = Ps::from_nanos(2_250);
const XDP_FIXED: Ps = Ps::from_nanos(3_150);
const LINUX_FIXED: Ps = Ps::from_nanos(7_160);

/// One wake-up explains XDP's and Linux's latency at 100 packets a second.
const SLEEP: Sleep = Sleep { after: Ps::from_micros(500), wake: Ps::from_nanos(77_800) };

/// A path of one stage.
fn single(nic: Nic, stage: Stage) -> Path {
    let (ingress, egress) = (vec![0], None);
    Path { nic, stages: vec![stage], ingress, egress, sleep: None, fixed: Ps::ZERO }
}

/// A poll loop that interrupts start, `window` after the first packet.
fn napi(packet: Ps, entry: Ps, window: Ps, then: Next) -> Stage {
    let window = window.saturating_sub(entry);
    Stage {
        priority: Priority::Softirq,
        ring: 1_024,
        batch: NAPI_QUOTA,
        notify: Notify::Interrupt { entry, window, rearm: Rearm::WhenEmpty },
        cost: Cost::per_packet(packet),
        yields: true,
        ..Stage::new("poll", 0, then)
    }
}

/// A loop that never sleeps.
fn poller(packet: Ps, batch: u32, then: Next) -> Stage {
    let cost = Cost::per_packet(packet);
    Stage { ring: 512, batch, cost, ..Stage::new("poll loop", 0, then) }
}

impl Preset {
    /// All presets; chains as of one function.
    pub fn all() -> Vec<Preset> {
        vec![
            Preset::linux_interrupt(),
            Preset::linux_napi(),
            Preset::linux_conntrack(),
            Preset::linux_routing(),
            Preset::busy_poll(),
            Preset::xdp(),
            Preset::xdp_routing(),
            Preset::netmap(),
            Preset::dpdk(),
            Preset::dpdk_forward(),
            Preset::ixy(32),
            Preset::opennetvm(1),
            Preset::opennetvm_manager(1),
            Preset::vpp(1),
            Preset::erpc(),
            Preset::router_1996(),
        ]
    }

    /// A kernel of today with the drivers of old: an interrupt for every packet, a backlog queue, a
    /// process that is woken and three copies. It livelocks.
    pub fn linux_interrupt() -> Preset {
        let driver = Stage {
            priority: Priority::Interrupt,
            ring: 1_024,
            notify: Notify::Interrupt {
                entry: LINUX_INTERRUPT,
                window: Ps::ZERO,
                rearm: Rearm::EachBatch,
            },
            cost: Cost::per_packet(LINUX_RAW),
            ..Stage::new("driver", 0, Next::Stage(1))
        };
        let protocol = Stage {
            priority: Priority::Softirq,
            ring: 1_000,
            notify: Notify::Signal { switch: Ps::ZERO },
            cost: Cost::per_packet(Ps(368_000)),
            ..Stage::new("protocol", 0, Next::Stage(2))
        };
        let application = Stage {
            ring: 256,
            notify: Notify::Signal { switch: Ps::from_micros(1) },
            cost: Cost { copies: 3, byte: Ps(100), ..Cost::default() },
            ..Stage::new("application", 0, Next::Host)
        };
        let mut path = single(NIC_100G, driver);
        path.stages.extend([protocol, application]);
        let about = "Linux without NAPI: an interrupt for every packet, three copies, no batches";
        Preset::new("linux-interrupt", about, path)
            .with("I, an interrupt", LINUX_INTERRUPT, Derived, "that of linux-napi")
            .with("a, driver", LINUX_RAW, Derived, "that of linux-napi")
            .with("a, protocol", Ps(368_000), Derived, "routing less raw drop, both measured")
            .with("copies", 3, Assumed, "adapter to kernel to user, as textbooks have it")
            .with("c, a byte copied", Ps(100), Assumed, "10 GB/s")
            .with("context switch", Ps::from_micros(1), Assumed, "order of magnitude")
            .with("rings", "1024, 1000, 256", Assumed, RINGS)
    }

    /// Linux dropping raw packets after the driver and the lowest layer of the kernel.
    pub fn linux_napi() -> Preset {
        let stage = napi(LINUX_RAW, LINUX_INTERRUPT, LINUX_WINDOW, Next::Host);
        let about = "Linux with NAPI, packets dropped in the raw table";
        Preset::new("linux-napi", about, single(NIC_100G, stage))
            .with("a", LINUX_RAW, Fitted, XDP_2018)
            .with("I, an interrupt", LINUX_INTERRUPT, Fitted, XDP_DATA)
            .with("T, first packet to first poll", LINUX_WINDOW, Fitted, XDP_DATA)
            .with("poll quota", NAPI_QUOTA, Measured, "the kernel's constant")
            .with("bus", "115 Mpps", Measured, XDP_2018)
            .with("ring", 1_024, Assumed, RINGS)
    }

    /// The same with connection tracking.
    pub fn linux_conntrack() -> Preset {
        let packet = Ps::per_second(1_800_000);
        let stage = napi(packet, LINUX_INTERRUPT, LINUX_WINDOW, Next::Host);
        let about = "Linux with NAPI, packets dropped after connection tracking";
        Preset::new("linux-conntrack", about, single(NIC_100G, stage))
            .with("a", packet, Measured, XDP_2018)
            .with("I and T", "as linux-napi", Derived, XDP_DATA)
    }

    /// Linux forwarding by a routing table.
    pub fn linux_routing() -> Preset {
        let packet = Ps(575_000);
        let stage = napi(packet, LINUX_INTERRUPT, LINUX_WINDOW, Next::Wire);
        let mut path = single(NIC_100G, stage);
        (path.fixed, path.sleep) = (LINUX_FIXED, Some(SLEEP));
        Preset::new("linux-routing", "Linux with NAPI, packets routed", path)
            .with("a", packet, Measured, XDP_2018)
            .with("I and T", "as linux-napi", Derived, XDP_DATA)
            .with("fixed latency", LINUX_FIXED, Fitted, LATENCY)
            .with("wake-up of a sleeping core", SLEEP.wake, Fitted, WAKE)
            .with("idle time before sleep", SLEEP.after, Assumed, "between 1 µs and 10 ms")
    }

    /// Linux whose application polls the adapter's queue: `linux-napi` without interrupts.
    pub fn busy_poll() -> Preset {
        let stage = poller(LINUX_RAW, NAPI_QUOTA, Next::Host);
        let about = "Linux with busy polling: the costs of linux-napi, no interrupts";
        Preset::new("busy-poll", about, single(NIC_100G, stage))
            .with("a", LINUX_RAW, Derived, "that of linux-napi")
            .with("poll quota", NAPI_QUOTA, Assumed, "that of linux-napi")
            .with("ring", 512, Assumed, RINGS)
    }

    /// XDP dropping packets in the driver.
    pub fn xdp() -> Preset {
        let stage = napi(XDP_DROP, XDP_INTERRUPT, XDP_WINDOW, Next::Host);
        Preset::new("xdp", "XDP, packets dropped in the driver", single(NIC_100G, stage))
            .with("a", XDP_DROP, Fitted, XDP_2018)
            .with("I, an interrupt", XDP_INTERRUPT, Fitted, XDP_DATA)
            .with("T, first packet to first poll", XDP_WINDOW, Fitted, XDP_DATA)
            .with("poll quota", NAPI_QUOTA, Measured, "the kernel's constant")
            .with("bus", "115 Mpps", Measured, XDP_2018)
            .with("ring", 1_024, Assumed, RINGS)
    }

    /// XDP forwarding by the kernel's routing table.
    pub fn xdp_routing() -> Preset {
        let packet = Ps::per_second(5_358_000);
        let mut path = single(NIC_100G, napi(packet, XDP_INTERRUPT, XDP_WINDOW, Next::Wire));
        (path.fixed, path.sleep) = (XDP_FIXED, Some(SLEEP));
        Preset::new("xdp-routing", "XDP, packets routed", path)
            .with("a", packet, Measured, XDP_2018)
            .with("I and T", "as xdp", Derived, XDP_DATA)
            .with("fixed latency", XDP_FIXED, Fitted, LATENCY)
            .with("wake-up of a sleeping core", SLEEP.wake, Fitted, WAKE)
            .with("idle time before sleep", SLEEP.after, Assumed, "between 1 µs and 10 ms")
    }

    /// Rings shared with a process that polls by system calls.
    pub fn netmap() -> Preset {
        let nic = Nic { bits_per_s: 10_000_000_000, bus_pps: None, fifo: 512, tx_ring: 512 };
        let mut stage = poller(Ps(20_600), 64, Next::Host);
        stage.cost.batch = Ps(387_000);
        let paper = "Rizzo, USENIX ATC 2012: order of magnitude, no row of the calibration";
        Preset::new("netmap", "netmap, one process, 10 Gb/s", single(nic, stage))
            .with("a", Ps(20_600), Derived, "14.88 Mpps at 900 MHz (same paper), at 2.93 GHz")
            .with("S, a system call", Ps(387_000), Assumed, paper)
            .with("batch", 64, Assumed, paper)
    }

    /// A DPDK core that drops what it receives.
    pub fn dpdk() -> Preset {
        let packet = Ps::per_second(43_500_000);
        let stage = poller(packet, 32, Next::Host);
        Preset::new("dpdk", "DPDK, packets dropped", single(NIC_100G, stage))
            .with("a, S/b included", packet, Measured, XDP_2018)
            .with("batch", 32, Measured, "the usual constant of its examples")
            .with("bus", "115 Mpps", Measured, XDP_2018)
            .with("ring", 512, Assumed, RINGS)
    }

    /// A DPDK core that forwards.
    pub fn dpdk_forward() -> Preset {
        let packet = Ps(44_000);
        let mut path = single(NIC_100G, poller(packet, 32, Next::Wire));
        path.fixed = DPDK_FIXED;
        Preset::new("dpdk-forward", "DPDK, packets forwarded", path)
            .with("a, S/b included", packet, Assumed, "about twice a drop")
            .with("fixed latency", DPDK_FIXED, Fitted, "rounding leaves 2.1 to 2.4 µs")
    }

    /// The ixy driver, written in C, forwarding both ways between two ports in batches of `batch`.
    pub fn ixy(batch: u32) -> Preset {
        let nic = Nic { bits_per_s: 20_000_000_000, bus_pps: None, fifo: 512, tx_ring: 1_024 };
        let mut stage = poller(Ps(56_410), batch, Next::Wire);
        stage.cost.batch = Ps(187_490);
        Preset::new("ixy", "the ixy driver in C at 1.6 GHz, two ports", single(nic, stage))
            .with("a", Ps(56_410), Fitted, IXY_2019)
            .with("S", Ps(187_490), Fitted, IXY_2019)
            .with("ring", 512, Measured, IXY_2019)
    }

    /// `functions` OpenNetVM functions, each of which puts packets into the next one's ring.
    pub fn opennetvm(functions: usize) -> Preset {
        let path = open_net_vm(functions, Chaining::Direct { hop: Ps::ZERO }).path();
        Preset::new("opennetvm", "OpenNetVM, functions that transmit themselves", path)
            .with("a function, its hop included", Ps::per_second(41_000_000), Measured, ONVM)
            .with("rings", "512, then 16384", Measured, ONVM)
            .with("batch", 32, Measured, ONVM)
    }

    /// The same as it was before: the manager's thread moves packets between functions.
    pub fn opennetvm_manager(functions: usize) -> Preset {
        let how = Chaining::ViaSwitch { first: Ps(24_390), hop: Ps(25_610) };
        Preset::new(
            "opennetvm-manager",
            "OpenNetVM, the manager's thread between functions",
            open_net_vm(functions, how).path(),
        )
        .with("hop of the manager", Ps(25_610), Fitted, ONVM)
        .with("the rest of a packet on its thread", Ps(24_390), Fitted, ONVM)
    }

    /// VPP as a switch on one core, with `functions` machines behind it.
    pub fn vpp(functions: usize) -> Preset {
        let how = Chaining::ViaSwitch { first: Ps(49_000), hop: Ps(107_000) };
        let chain = Chain { ring: 1_024, ..open_net_vm(functions, how) };
        Preset::new("vpp", "VPP as a switch between network functions", chain.path())
            .with("a packet before the first function", Ps(49_000), Fitted, CNF)
            .with("each function, on the switch", Ps(107_000), Fitted, CNF)
            .with("each function, on its core", Ps::per_second(41_000_000), Assumed, "fast enough")
    }

    /// A core with eRPC endpoints: polling, no copies, batches of 32.
    pub fn erpc() -> Preset {
        let nic = Nic { bits_per_s: 40_000_000_000, bus_pps: None, fifo: 512, tx_ring: 512 };
        let mut path = single(nic, poller(Ps::from_nanos(100), 32, Next::Wire));
        path.fixed = Ps(1_016_400);
        path.egress = Some(0);
        Preset::new("erpc", "eRPC, small calls", path)
            .with("a, a call", Ps::from_nanos(100), Measured, ERPC)
            .with("fixed latency", Ps(1_016_400), Fitted, ERPC)
            .with("batch, credits", "32, 32", Measured, ERPC)
            .with("ring", 512, Assumed, RINGS)
    }

    /// A router of 1996: interrupt work on every packet, then a queue, then forwarding.
    pub fn router_1996() -> Preset {
        let (first, then) = ROUTER;
        let mut path = single(ETHERNET_1996, receive_1996(first, Next::Stage(1)));
        path.stages.push(Stage {
            priority: Priority::Softirq,
            ring: 50,
            notify: Notify::Signal { switch: Ps::ZERO },
            cost: Cost::per_packet(then),
            ..Stage::new("forward", 0, Next::Wire)
        });
        let least = "least greatest error over four points, 5.2%";
        Preset::new("router-1996", "an interrupt-driven router of 1996", path)
            .with("interrupt work", first, Fitted, MOGUL_1996)
            .with("forwarding", then, Fitted, MOGUL_1996)
            .with("how it was fitted", least, Fitted, MOGUL_1996)
            .with("IP input queue", 50, Assumed, "4.2BSD's constant")
            .with("receive ring", 32, Assumed, RINGS)
    }

    /// The same router as modified: interrupts only start a poll, which forwards at most `quota`
    /// packets at a time from ring to wire.
    pub fn router_1996_polling(quota: u32) -> Preset {
        let (first, then) = ROUTER;
        let poll = Stage {
            name: "poll".into(),
            priority: Priority::Softirq,
            batch: quota,
            yields: true,
            ..receive_1996(first + then, Next::Wire)
        };
        let path = single(ETHERNET_1996, poll);
        Preset::new("router-1996-polling", "the router of 1996 with a poll quota", path)
            .with("a packet", first + then, Derived, "the sum of router-1996")
            .with("poll quota", quota, Assumed, "given")
    }

    /// The router with a user process that screens packets (`screend`); with `feedback`, it stops
    /// taking packets while the process has enough.
    pub fn router_1996_screend(feedback: bool) -> Preset {
        let mut preset = Preset::router_1996();
        let screen = Ps::from_micros(284);
        preset.name = "router-1996-screend";
        preset.about = "the router of 1996 with packets screened by a process";
        for stage in &mut preset.path.stages {
            stage.feedback = feedback;
        }
        preset.path.stages[1].then = Next::Stage(2);
        preset.path.stages.push(Stage {
            ring: 32,
            notify: Notify::Signal { switch: Ps::ZERO },
            cost: Cost::per_packet(screen),
            ..Stage::new("screend", 0, Next::Wire)
        });
        preset.with("screening", screen, Assumed, "a peak of about 2000 packets a second")
    }
}

/// Interrupt work and forwarding of the router of 1996.
const ROUTER: (Ps, Ps) = (Ps(76_630_000), Ps(139_570_000));

const ETHERNET_1996: Nic = Nic { bits_per_s: 10_000_000, bus_pps: None, fifo: 32, tx_ring: 32 };

fn receive_1996(packet: Ps, then: Next) -> Stage {
    Stage {
        priority: Priority::Interrupt,
        ring: 32,
        notify: Notify::Interrupt { entry: Ps::ZERO, window: Ps::ZERO, rearm: Rearm::WhenEmpty },
        cost: Cost::per_packet(packet),
        ..Stage::new("receive", 0, then)
    }
}

fn open_net_vm(functions: usize, how: Chaining) -> Chain {
    let each = Cost::per_packet(Ps::per_second(41_000_000));
    let functions = vec![each; functions];
    let (rx_ring, ring) = (512, 16_384);
    Chain { nic: NIC_100G, receive: each, functions, how, rx_ring, ring, batch: 32 }
}
