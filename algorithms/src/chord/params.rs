//! What a ring is made of, and the forms of the protocol that it may run.

use std::collections::BTreeSet;

use seedbed_node::{Duration, Members, Parameter, Params, Variant};
use serde::Deserialize;

use super::identifiers::{Peer, Space};

/// Which protocol keeps the ring in order.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Protocol {
    /// Stoica et al. 2001 and 2003: a predecessor that the successor reports is adopted at once.
    #[default]
    Published,
    /// As course notes have it: stabilising adopts whatever predecessor the successor reports,
    /// without the interval test, and notifies nobody.
    Notes,
    /// Zave 2017: nobody is adopted before it has answered; stabilising takes two steps; a notified
    /// node replaces a predecessor that is dead.
    Corrected,
}

/// The protocol's named forms, for listings.
pub(super) const VARIANTS: &[Variant] = &[
    Variant {
        name: "notes",
        params: "variant: Notes",
        about: "stabilises without interval test and notify: joins never complete",
    },
    Variant {
        name: "corrected",
        params: "variant: Corrected",
        about: "Zave's: adopts only who has answered, stabilises in two steps, rectifies",
    },
    Variant {
        name: "iterative",
        params: "lookup: Iterative",
        about: "the asker contacts every hop itself",
    },
];

/// Who contacts the next hop of a lookup.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Routing {
    /// Each hop contacts the next one.
    #[default]
    Recursive,
    /// The asker contacts all.
    Iterative,
}

/// Where positions are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum Placement {
    /// Where a hash of their address says; keys likewise.
    #[default]
    Hashed,
    /// At equal distances, in the order of members; a key's name is its identifier. With `2^bits`
    /// positions the circle is fully populated.
    Even,
}

/// A ring and its protocol.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Deserialize, Params)]
#[serde(default, deny_unknown_fields)]
pub struct ChordParams {
    /// The protocol that keeps the ring in order.
    pub variant: Protocol,
    /// Who contacts the next hop of a lookup.
    pub lookup: Routing,
    /// Whether lookups are also routed by the successor list, as in 2003; with fingers only, as in
    /// 2001, otherwise.
    pub lists_route: bool,
    /// Identifiers have so many bits: m; at most 64.
    #[param(unit = "bits")]
    pub bits: u8,
    /// Where positions are.
    pub identifiers: Placement,
    /// Another number makes other hashes.
    pub salt: u64,
    /// The length of the successor list: r.
    pub successors: u8,
    /// Positions of each member on the ring: its virtual nodes.
    pub virtuals: u16,
    /// So many members, the first ones, form the ring at the start, all pointers right; 0 is all.
    /// The others join when they boot, by way of one of these.
    pub founders: u32,
    /// So many keys, named from 0, are stored in the ring at the start.
    pub keys: u32,
    /// How often a position stabilises; "0s" never.
    pub stabilize: Duration,
    /// How often a position looks up one of its fingers; "0s" never.
    pub fix_fingers: Duration,
    /// How long the contacted may take to answer before it is held for dead.
    pub timeout: Duration,
    /// How long a node that joins waits before it asks somebody else.
    pub rejoin: Duration,
    /// A deliberate bug, to show that the checkers find it.
    #[param(hidden)]
    pub mutant: ChordMutant,
}

impl Default for ChordParams {
    fn default() -> Self {
        ChordParams {
            variant: Protocol::Published,
            lookup: Routing::Recursive,
            lists_route: false,
            bits: 32,
            identifiers: Placement::Hashed,
            salt: 0,
            successors: 4,
            virtuals: 1,
            founders: 0,
            keys: 0,
            stabilize: Duration::from_millis(500),
            fix_fingers: Duration::from_millis(500),
            timeout: Duration::from_millis(200),
            rejoin: Duration::from_secs(2),
            mutant: ChordMutant::None,
        }
    }
}

/// Bugs that implementations have had.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Deserialize, Parameter)]
pub enum ChordMutant {
    /// None: the protocol as chosen.
    #[default]
    None,
    /// Stabilising adopts the successor's predecessor wherever it lies.
    NoIntervalTest,
    /// Stabilising notifies nobody.
    NoNotify,
    /// The successor's list replaces the own one without the successor itself.
    SkipsSuccessor,
    /// A lookup ends at the first finger that it is passed to.
    StopsShort,
    /// Who joins points to whom it has asked, not to its successor.
    JoinsAnywhere,
    /// Lists of successors are not shortened.
    ListsGrow,
    /// A finger that is at the key itself passes for one that precedes it.
    ClosedInterval,
    /// Keys are forgotten when they are sent to a new predecessor, not when it has them.
    LosesKeys,
    /// A successor that does not answer stays in the list.
    KeepsDead,
    /// Fingers are looked up twice as far away as they should be.
    FarFingers,
}

impl ChordParams {
    /// How many of `members` form the ring at the start.
    pub fn founders(&self, members: Members) -> u32 {
        match self.founders {
            0 => members.count(),
            founders => founders.min(members.count()),
        }
    }

    /// Why these make no sense among so many members.
    pub(super) fn check(&self, members: Members) -> Result<(), String> {
        if !(1..=64).contains(&self.bits) {
            return Err(format!("bits: {}; expected from 1 to 64", self.bits));
        }
        if self.successors == 0 {
            return Err("successors: 0; a position knows at least its successor".into());
        }
        if self.virtuals == 0 {
            return Err("virtuals: 0; a member has at least one position".into());
        }
        if self.founders > members.count() {
            let (founders, members) = (self.founders, members.count());
            return Err(format!("founders: {founders} of {members} members"));
        }
        if self.timeout == Duration::ZERO || self.rejoin == Duration::ZERO {
            return Err("timeout: answers take time, and so does joining".into());
        }
        let positions = u64::from(members.count()) * u64::from(self.virtuals);
        if u32::try_from(positions).is_err() {
            return Err(format!("virtuals: {positions} positions are too many"));
        }
        let space = Space::new(self, members);
        let ids: BTreeSet<u64> = (0..space.positions()).map(|p| space.id(Peer(p))).collect();
        let distinct = ids.len() as u64;
        if distinct < positions {
            return Err(format!(
                "bits: {positions} positions share {distinct} identifiers; expected more bits, or \
                 another salt"
            ));
        }
        Ok(())
    }
}
