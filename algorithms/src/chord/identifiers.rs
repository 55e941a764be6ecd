//! The circle of identifiers: who is where on it, which key belongs where, what lies between.
//!
//! Karger, Lehman, Leighton, Panigrahy, Levine & Lewin, "Consistent Hashing and Random Trees", STOC
//! 1997, as used in section 3 (SIGCOMM 2001: section 4.2) of the Chord paper. A position's
//! identifier is computed from its address, as there by SHA-1; here by a keyed 64-bit mixer, which
//! spreads as well and resists nobody.

use seedbed_node::{Members, NodeId, Wire, mix};

use super::ChordParams;
use super::params::Placement;

/// A position on the ring, as others address it: in its first generation, the virtual node
/// `p mod virtuals` of member `p / virtuals`. Who comes back has another address, as if on another
/// port, and so another identifier: what others know of its former self is about somebody dead.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Wire)]
pub struct Peer(pub u32);

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "p{}", self.0)
    }
}

/// What everybody knows of the circle: its size and how identifiers are computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    bits: u8,
    placement: Placement,
    salt: u64,
    virtuals: u32,
    members: u32,
}

/// Keeps the hashes of keys apart from those of addresses.
const KEYS: u64 = 0x6B65_7973_6B65_7973;

impl Space {
    /// The circle of `members` that all have these parameters.
    pub fn new(params: &ChordParams, members: Members) -> Self {
        Space {
            bits: params.bits,
            placement: params.identifiers,
            salt: params.salt,
            virtuals: u32::from(params.virtuals),
            members: members.count(),
        }
    }

    /// How many positions the members have in all.
    pub fn positions(&self) -> u32 {
        self.members * self.virtuals
    }

    /// The positions of a member, in their first generation.
    pub fn of(&self, member: NodeId) -> impl Iterator<Item = Peer> + use<> {
        let first = member.0 * self.virtuals;
        (first..first + self.virtuals).map(Peer)
    }

    /// The member that a position belongs to.
    pub fn host(&self, peer: Peer) -> NodeId {
        NodeId(self.first(peer).0 / self.virtuals)
    }

    /// The same position in its first generation.
    fn first(&self, peer: Peer) -> Peer {
        Peer(peer.0 % self.positions())
    }

    /// The same position so many generations later.
    pub fn later(&self, peer: Peer, generations: u32) -> Peer {
        let by = u64::from(self.positions()) * u64::from(generations);
        let last = u32::MAX / self.positions() * self.positions();
        // After the last generation comes the first one again.
        Peer(((u64::from(peer.0) + by) % u64::from(last)) as u32)
    }

    /// A position's identifier.
    pub fn id(&self, peer: Peer) -> u64 {
        match self.placement {
            Placement::Hashed => self.hashed(u64::from(peer.0)),
            Placement::Even => {
                let first = self.first(peer).0;
                let rank = first % self.virtuals * self.members + first / self.virtuals;
                let offset = (u128::from(rank) << self.bits) / u128::from(self.positions());
                offset as u64
            }
        }
    }

    /// A key's identifier, by the key's name.
    pub fn key(&self, name: u64) -> u64 {
        match self.placement {
            Placement::Hashed => self.hashed(name ^ KEYS),
            Placement::Even => name & self.mask(),
        }
    }

    /// How far `to` is ahead of `from`, clockwise.
    pub fn distance(&self, from: u64, to: u64) -> u64 {
        to.wrapping_sub(from) & self.mask()
    }

    /// The identifier that lies `2^power` ahead.
    pub fn ahead(&self, from: u64, power: u8) -> u64 {
        from.wrapping_add(1 << power) & self.mask()
    }

    /// Whether `id` is in the open interval `(from, to)`. From an identifier to itself, that is
    /// the whole circle but for the identifier.
    pub fn open(&self, from: u64, id: u64, to: u64) -> bool {
        let (gone, whole) = (self.distance(from, id), self.distance(from, to));
        gone > 0 && (gone < whole || whole == 0)
    }

    /// Whether `id` is in the half-open interval `(from, to]`. From an identifier to itself, that
    /// is the whole circle.
    pub fn half_open(&self, from: u64, id: u64, to: u64) -> bool {
        id == to || self.open(from, id, to)
    }

    fn hashed(&self, value: u64) -> u64 {
        mix(mix(value.wrapping_add(0x9E37_79B9_7F4A_7C15)) ^ mix(!self.salt)) >> (64 - self.bits)
    }

    fn mask(&self) -> u64 {
        u64::MAX >> (64 - self.bits)
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Members, NodeId};

    use super::{Peer, Space};
    use crate::chord::{ChordParams, Placement};

    fn even(bits: u8, members: u32, virtuals: u16) -> Space {
        let params =
            ChordParams { bits, virtuals, identifiers: Placement::Even, ..Default::default() };
        Space::new(&params, Members(members))
    }

    #[test]
    fn intervals_wrap_around_and_from_an_identifier_to_itself_are_the_circle() {
        let space = even(4, 16, 1);
        for (from, id, to, open, half_open) in [
            (3, 5, 7, true, true),
            (3, 7, 7, false, true),
            (3, 3, 7, false, false),
            (14, 1, 2, true, true),
            (14, 3, 2, false, false),
            (6, 9, 6, true, true),
            (6, 6, 6, false, true),
        ] {
            assert_eq!(space.open(from, id, to), open, "{id} in ({from}, {to})");
            assert_eq!(space.half_open(from, id, to), half_open, "{id} in ({from}, {to}]");
        }
    }

    #[test]
    fn even_positions_are_spread_evenly_and_neighbours_are_different_members() {
        let space = even(4, 4, 2);
        let ids = |member| space.of(NodeId(member)).map(|peer| space.id(peer)).collect::<Vec<_>>();
        assert_eq!([ids(0), ids(1), ids(3)], [[0, 8], [2, 10], [6, 14]]);
        assert_eq!(space.host(Peer(7)), NodeId(3));
    }

    #[test]
    fn who_comes_back_is_somebody_else_at_the_same_member() {
        let space = Space::new(&ChordParams::default(), Members(5));
        let later = space.later(Peer(3), 2);
        assert_eq!((later, space.host(later)), (Peer(13), NodeId(3)));
        assert_ne!(space.id(later), space.id(Peer(3)));
        assert_eq!(space.host(space.later(Peer(4), u32::MAX)), NodeId(4));
    }

    #[test]
    fn hashed_identifiers_fit_their_bits_and_depend_on_the_salt() {
        let of = |bits, salt| {
            let space =
                Space::new(&ChordParams { bits, salt, ..Default::default() }, Members(1 << 10));
            (0..1 << 10).map(|p| space.id(Peer(p))).collect::<Vec<_>>()
        };
        assert!(of(20, 0).iter().all(|id| *id < 1 << 20));
        assert!(of(64, 0).iter().any(|id| *id > 1 << 63));
        assert_ne!(of(20, 0), of(20, 1));
    }

    #[test]
    fn the_whole_of_64_bits_is_a_circle_too() {
        let space = Space::new(&ChordParams { bits: 64, ..Default::default() }, Members(2));
        assert_eq!(space.distance(u64::MAX, 1), 2);
        assert_eq!(space.ahead(1 << 63, 63), 0);
        assert!(space.open(u64::MAX - 1, 0, 5));
    }
}
