//! What is out of date in the queue: kept until it surfaces, unless there is too much of it.

use seedbed_node::Node;

use crate::kernel::{Item, Kernel};

/// So many entries that are out of date are left alone in any case.
const LEFT_ALONE: usize = 1_024;

impl<N: Node> Kernel<N> {
    /// Entries of the queue have gone out of date: timers that were disarmed or reset since, and
    /// services that a crash has ended. Drops them all once they are more than half of the queue,
    /// so that they cost no more than what is waited for, in memory and in time.
    #[inline]
    pub fn outdate(&mut self, entries: usize) {
        self.outdated += entries;
        if self.outdated > LEFT_ALONE && self.outdated > self.queue.len() / 2 {
            self.drop_outdated();
        }
    }

    #[cold]
    fn drop_outdated(&mut self) {
        let before = self.queue.len();
        let (timers, hosts) = (&mut self.timers, &self.hosts);
        self.queue.retain(&mut |&entry| match entry.into() {
            Item::Timer(_, slot) if !timers.stands(slot) => {
                timers.forget(slot);
                false
            }
            Item::Served(node, ticket) => hosts.rest(node).station.stands(ticket),
            _ => true,
        });
        self.outdated -= before - self.queue.len();
        debug_assert_eq!(self.outdated, 0, "nothing else goes out of date");
    }
}

#[cfg(test)]
mod tests {
    use seedbed_node::{Context, Duration, Message, Node, NodeId};

    use crate::{Simulation, World};

    /// Puts a far alarm off with every beat, as a failure detector does.
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Detector;

    #[derive(Clone, PartialEq, Eq, Hash, Debug, Message)]
    struct Nothing;

    impl Node for Detector {
        type Params = ();
        type Message = Nothing;
        type Timer = bool;
        type Request = ();
        type Event = ();
        type Durable = ();
        fn start((): &(), cx: &mut Context<'_, Self>) -> Self {
            cx.set_timer(true, Duration::from_nanos(1));
            Detector
        }
        fn on_message(&mut self, _: NodeId, Nothing: Nothing, _: &mut Context<'_, Self>) {}
        fn on_timer(&mut self, beat: bool, cx: &mut Context<'_, Self>) {
            assert!(beat, "the alarm was put off every time");
            cx.set_timer(false, Duration::from_secs(1_000));
            cx.set_timer(true, Duration::from_millis(1));
        }
    }

    #[test]
    fn alarms_that_are_put_off_for_ever_take_bounded_memory() {
        let mut simulation = Simulation::<Detector>::new(&World::new(1, 10), ()).expect("valid");
        simulation.boot();
        let mut longest = 0;
        for _ in 0..200_000 {
            assert!(simulation.step());
            longest = longest.max(simulation.kernel.queue.len());
        }
        assert!(longest > 1_024, "garbage is left alone for a while: {longest}");
        assert!(longest < 2_000, "and then dropped: {longest}");
    }
}
