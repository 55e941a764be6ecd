//! What a host's packet path is made of: plain data.

use seedbed_node::Probability;
use serde::{Deserialize, Serialize};

use super::Ps;

/// The path of packets through one host: from the wire through stages of software to the wire
/// again, or to an application on the host.
///
/// A stage is a ring and a piece of software that takes batches from it, on a core that it may
/// share. What a packet waits for (a batch, an interrupt, a core) is simulated; what it costs is
/// given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// The adapter and its links.
    pub nic: Nic,
    /// The software, in order: a stage hands on to later ones.
    pub stages: Vec<Stage>,
    /// The stages that received packets enter, a flow always the same; one for each receive queue.
    pub ingress: Vec<u16>,
    /// The stage that packets of the host's own enter, if it sends.
    pub egress: Option<u16>,
    /// When idle cores sleep, and how long interrupts then take to wake them.
    pub sleep: Option<Sleep>,
    /// Latency that occupies no core: adapters, bus, and what a measurement adds at its ends.
    pub fixed: Ps,
}

/// The network adapter, its bus and the wires on both sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nic {
    /// Of each wire.
    pub bits_per_s: u64,
    /// What the adapter or its bus can move, in packets per second, all queues together.
    pub bus_pps: Option<u64>,
    /// Packets that may wait for the wire in, and as many for the bus.
    pub fifo: u32,
    /// Packets that may wait for the wire out.
    pub tx_ring: u32,
}

/// Bytes that every frame takes on an Ethernet besides its own (preamble, start, gap).
pub const WIRE_OVERHEAD: u32 = 20;

impl Nic {
    /// How long a frame of `bytes` (with its CRC) takes on the wire.
    #[inline]
    pub fn wire_time(&self, bytes: u32) -> Ps {
        let bits = 8 * (u64::from(bytes) + u64::from(WIRE_OVERHEAD));
        // 10^12 bits fit 2^64 up to 18 million bits a frame.
        Ps((bits * Ps::SECOND.0 + self.bits_per_s / 2) / self.bits_per_s)
    }
}

/// Sleep of idle cores.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sleep {
    /// A core that has been idle for so long sleeps.
    pub after: Ps,
    /// An interrupt then takes so much longer.
    pub wake: Ps,
}

/// A ring and the software that empties it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// For people.
    pub name: String,
    /// Where it runs.
    pub core: u16,
    /// What it may interrupt.
    pub priority: Priority,
    /// Packets that fit its ring.
    pub ring: u32,
    /// Packets that it takes at a time, at most: `b`, or a poll quota.
    pub batch: u32,
    /// Whether it waits until a batch is full, and for how long at most; otherwise it is greedy.
    pub fill: Option<Ps>,
    /// How it learns of packets.
    pub notify: Notify,
    /// What a batch costs.
    pub cost: Cost,
    /// After a full batch it takes turns with processes, whatever its priority (`ksoftirqd`; the
    /// poll quota of Mogul & Ramakrishnan).
    pub yields: bool,
    /// It takes no more than the next ring has room for (their queue-state feedback), so that
    /// what is too much is dropped where it has cost least.
    pub feedback: bool,
    /// Where packets go.
    pub then: Next,
}

impl Stage {
    /// A greedy process that polls its ring on `core`, one packet at a time, at no cost.
    pub fn new(name: &str, core: u16, then: Next) -> Self {
        Stage {
            name: name.to_owned(),
            core,
            priority: Priority::Process,
            ring: 512,
            batch: 1,
            fill: None,
            notify: Notify::Poll,
            cost: Cost::default(),
            yields: false,
            feedback: false,
            then,
        }
    }
}

/// What preempts what: interrupts all else, soft interrupts processes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Priority {
    /// Threads, in user space or the kernel's.
    Process,
    /// Deferred interrupt work.
    Softirq,
    /// Interrupt handlers.
    Interrupt,
}

impl Priority {
    /// How many there are.
    pub const COUNT: usize = 3;
}

/// How a stage learns that its ring has packets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Notify {
    /// It polls: whenever its core is free, it looks.
    Poll,
    /// It sleeps until a packet comes; waking it costs `switch` on its core.
    Signal {
        /// A context switch.
        switch: Ps,
    },
    /// The adapter interrupts.
    Interrupt {
        /// Entry, exit and what leads to the stage's own work: `I`, paid at interrupt priority.
        entry: Ps,
        /// Coalescing: the interrupt comes so long after the first packet.
        window: Ps,
        /// When the adapter may interrupt again.
        rearm: Rearm,
    },
}

/// When an interrupt is enabled again.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Rearm {
    /// Once the stage has found its ring empty; until then it polls (NAPI).
    WhenEmpty,
    /// After every batch.
    EachBatch,
}

/// Where a stage's packets go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Next {
    /// The ring of a later stage.
    Stage(u16),
    /// The wire out.
    Wire,
    /// Nowhere further: an application on the host has it, or it was filtered on purpose.
    Host,
}

/// What a batch costs: `S`, and for every packet `a` and `c` for each byte that is touched.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cost {
    /// `S`: system call, doorbell.
    pub batch: Ps,
    /// `a`.
    pub packet: Ps,
    /// How often every byte is touched.
    pub copies: u32,
    /// `c`: one touch of one byte.
    pub byte: Ps,
    /// Misses of the last-level cache.
    pub cache: Option<Cache>,
    /// How the cost of a packet varies.
    pub law: Law,
}

impl Cost {
    /// `a` alone.
    pub fn per_packet(packet: Ps) -> Self {
        Cost { packet, ..Cost::default() }
    }

    /// The mean for a batch of `packets` frames of `bytes`.
    pub fn mean(&self, packets: u32, bytes: u32) -> Ps {
        let misses = self.cache.map_or(Ps::ZERO, |cache| {
            let unit = cache.miss_cost.permille(cache.numa_permille);
            Ps((unit.0 as f64 * cache.misses.value()) as u64)
        });
        let each = self.packet + self.touch(bytes) + misses;
        self.batch + each * u64::from(packets)
    }

    #[inline]
    pub(super) fn touch(&self, bytes: u32) -> Ps {
        self.byte * (u64::from(self.copies) * u64::from(bytes))
    }
}

/// Cache misses: with chance `m`, a packet costs κ·ν more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// `m`.
    pub misses: Probability,
    /// κ.
    pub miss_cost: Ps,
    /// ν in thousandths: how much longer a miss takes when memory is another socket's.
    pub numa_permille: u32,
}

/// How the cost of a packet varies about its mean.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Law {
    /// Not at all.
    #[default]
    Constant,
    /// Exponentially, as in M/M/1.
    Exponential,
}

/// More is no ring.
const RING_MAX: u32 = 1 << 20;

impl Path {
    /// How many cores there are.
    pub fn cores(&self) -> usize {
        self.stages.iter().map(|stage| usize::from(stage.core) + 1).max().unwrap_or(0)
    }

    /// Whether the parts fit; the error says what does not.
    pub fn check(&self) -> Result<(), String> {
        let stages = self.stages.len();
        if self.nic.bits_per_s == 0 || self.nic.bus_pps == Some(0) {
            return Err("nic: a rate of 0 would never move anything".into());
        }
        if self.nic.tx_ring == 0 {
            return Err("nic: a transmit ring of 0 would drop everything".into());
        }
        if self.ingress.is_empty() {
            return Err("ingress: no stage receives".into());
        }
        for &entry in self.ingress.iter().chain(&self.egress) {
            if usize::from(entry) >= stages {
                return Err(format!("stage {entry} is entered, but there are {stages} stages"));
            }
        }
        self.stages.iter().zip(0..).try_for_each(|(stage, place)| self.check_stage(stage, place))
    }

    fn check_stage(&self, stage: &Stage, place: u16) -> Result<(), String> {
        let wrong = |why: String| Err(format!("stage {place} ({}): {why}", stage.name));
        if !(1..=RING_MAX).contains(&stage.ring) || !(1..=RING_MAX).contains(&stage.batch) {
            return wrong(format!("ring and batch are 1 to {RING_MAX}"));
        }
        if stage.fill.is_some() && stage.batch > stage.ring {
            return wrong(format!("a batch of {} never fills in its ring", stage.batch));
        }
        if stage.fill.is_some() && matches!(stage.notify, Notify::Interrupt { .. }) {
            return wrong("what interrupts start does not wait for full batches".into());
        }
        match stage.then {
            Next::Stage(next) if usize::from(next) >= self.stages.len() => {
                wrong(format!("hands on to stage {next}, which does not exist"))
            }
            Next::Stage(next) if next <= place => {
                wrong(format!("hands on to stage {next}, but only later stages follow"))
            }
            Next::Stage(_) | Next::Wire | Next::Host => Ok(()),
        }
    }

    /// The same path on `lanes` times as many cores, each with a receive queue of its own; wires,
    /// bus and transmit ring are shared.
    pub fn lanes(&self, lanes: u16) -> Path {
        assert!(lanes > 0, "a path has at least one lane");
        let (cores, stages) = (self.cores() as u16, self.stages.len() as u16);
        let mut path = Path { stages: Vec::new(), ingress: Vec::new(), ..self.clone() };
        for lane in 0..lanes {
            path.ingress.extend(self.ingress.iter().map(|entry| entry + lane * stages));
            path.stages.extend(self.stages.iter().map(|stage| {
                let then = match stage.then {
                    Next::Stage(next) => Next::Stage(next + lane * stages),
                    end => end,
                };
                Stage { core: stage.core + lane * cores, then, ..stage.clone() }
            }));
        }
        path
    }

    /// The same path with its packets' memory on another socket: misses cost ν times as much.
    pub fn remote_memory(&self, numa_permille: u32) -> Path {
        let mut path = self.clone();
        for cache in path.stages.iter_mut().filter_map(|stage| stage.cost.cache.as_mut()) {
            cache.numa_permille = numa_permille;
        }
        path
    }
}
