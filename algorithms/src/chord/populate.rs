//! A ring that is right from the start, so that large ones need no joins.

use seedbed_node::NodeId;

use super::ChordParams;
use super::identifiers::{Peer, Space};

/// What a position knows when every pointer is right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Neighbourhood {
    pub predecessor: Option<Peer>,
    pub successors: Vec<Peer>,
    pub fingers: Vec<Option<Peer>>,
}

impl Neighbourhood {
    /// The neighbourhood of `me` in the ring of `all`, in one pass.
    pub fn of(
        me: Peer,
        all: impl Iterator<Item = Peer>,
        space: Space,
        params: &ChordParams,
    ) -> Self {
        let here = space.id(me);
        let mut nearest: Vec<(u64, Peer)> = Vec::new();
        let mut farthest: Option<(u64, Peer)> = None;
        // Of those whose distance has its highest bit at this place, the nearest.
        let mut by_power: Vec<Option<(u64, Peer)>> = (0..params.bits).map(|_| None).collect();
        for peer in all.filter(|peer| *peer != me) {
            let distance = space.distance(here, space.id(peer));
            let entry = (distance, peer);
            let far = nearest.last().is_some_and(|last| *last < entry);
            if !far || (nearest.len() as u64) < u64::from(params.successors) {
                let place = nearest.partition_point(|other| *other < entry);
                nearest.insert(place, entry);
                nearest.truncate(params.successors.into());
            }
            farthest = farthest.max(Some(entry));
            let power = distance.ilog2();
            if let Some(slot) = by_power.get_mut(NodeId(power).index()) {
                *slot = Some(slot.map_or(entry, |other| other.min(entry)));
            }
        }
        // A finger is the nearest of its own power, or of the next that has any.
        let mut fingers: Vec<Option<Peer>> = by_power
            .into_iter()
            .rev()
            .scan(None, |beyond: &mut Option<(u64, Peer)>, own| {
                *beyond = own.or(*beyond);
                Some(beyond.map(|(_, peer)| peer))
            })
            .collect();
        // The finger at 2^0 is the successor, which the list has.
        fingers.pop();
        fingers.reverse();
        let mut successors: Vec<Peer> = nearest.into_iter().map(|(_, peer)| peer).collect();
        if successors.is_empty() {
            successors.push(me);
        }
        Neighbourhood { predecessor: farthest.map(|(_, peer)| peer), successors, fingers }
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::Members;

    use super::Neighbourhood;
    use crate::chord::identifiers::{Peer, Space};
    use crate::chord::{ChordParams, Placement};

    #[test]
    fn section_4_pointers_are_the_successors_of_their_targets() {
        let params = ChordParams { bits: 16, successors: 3, ..Default::default() };
        let space = Space::new(&params, Members(40));
        let all = || (0..40).map(Peer);
        let ahead = |from: u64, peer: &Peer| space.distance(from, space.id(*peer));
        for me in all() {
            let known = Neighbourhood::of(me, all(), space, &params);
            let here = space.id(me);
            let mut others: Vec<Peer> = all().filter(|peer| *peer != me).collect();
            others.sort_by_key(|peer| ahead(here, peer));
            assert_eq!(known.successors, others[..3]);
            assert_eq!(known.predecessor, others.last().copied());
            assert_eq!(known.fingers.len(), 15);
            for (finger, power) in known.fingers.iter().zip(1..) {
                let target = space.ahead(here, power);
                let owner = all().min_by_key(|peer| ahead(target, peer)).expect("forty");
                assert_eq!(*finger, Some(owner).filter(|peer| *peer != me), "{me:?} 2^{power}");
            }
        }
    }

    #[test]
    fn who_is_alone_is_its_own_successor() {
        let params = ChordParams { identifiers: Placement::Even, ..Default::default() };
        let space = Space::new(&params, Members(1));
        let known = Neighbourhood::of(Peer(0), [Peer(0)].into_iter(), space, &params);
        assert_eq!((known.predecessor, known.successors), (None, vec![Peer(0)]));
        assert!(known.fingers.iter().all(Option::is_none));
    }
}
