//! Tables of systems that were measured entry by entry.

use super::{Entry, Side, Stack, Work};

const fn entry(name: &'static str, side: Side, work: Work, small_us: u64, large_us: u64) -> Entry {
    Entry { name, side, work, small_ns: small_us * 1_000, large_ns: large_us * 1_000 }
}

const fn call(name: &'static str, side: Side, us: u64) -> Entry {
    entry(name, side, Work::Plain, us, us)
}

impl Stack {
    /// The Firefly (Schroeder & Burrows, *Performance of Firefly RPC*, TOCS 1990, tables VI to
    /// VIII): MicroVAX II processors at 1 MIPS, Ethernet at 10 Mb/s. It measured 2.66 ms for a null
    /// call and 6.35 ms for a result of 1440 bytes.
    pub fn firefly() -> Stack {
        use Side::{Caller, Network, Receiver, Sender, Server};
        let plain = |name, side, us| entry(name, side, Work::Plain, us, us);
        Stack {
            name: "firefly",
            source: "Schroeder & Burrows, Performance of Firefly RPC, TOCS 8(1), 1990",
            before: vec![
                call("calling program", Caller, 16),
                call("calling stub", Caller, 90),
                call("starter", Caller, 128),
                call("transporter, sending", Caller, 27),
            ],
            packet: vec![
                plain("finish UDP header", Sender, 59),
                entry("checksum, sending", Sender, Work::Checksum, 45, 440),
                entry("trap to the kernel", Sender, Work::Trap, 37, 37),
                plain("queue packet", Sender, 39),
                plain("interprocessor interrupt", Sender, 10),
                plain("handle interprocessor interrupt", Sender, 76),
                plain("activate controller", Sender, 22),
                entry("bus and controller, transmitting", Network, Work::Bus, 70, 815),
                entry("Ethernet", Network, Work::Wire, 60, 1_230),
                entry("bus and controller, receiving", Network, Work::Bus, 80, 835),
                plain("I/O interrupt", Receiver, 14),
                plain("handle receive interrupt", Receiver, 177),
                entry("checksum, receiving", Receiver, Work::Checksum, 45, 440),
                entry("wake RPC thread", Receiver, Work::Wake, 220, 220),
            ],
            server: vec![
                call("receiver", Server, 158),
                call("server stub", Server, 68),
                call("null procedure", Server, 10),
                call("receiver, sending", Server, 27),
            ],
            after: vec![
                call("transporter, receiving", Caller, 49),
                call("ender", Caller, 33),
                entry("marshalling of the result", Caller, Work::Copy, 0, 550),
            ],
        }
    }

    /// The Firefly as it would be without what its designers had already left out: every packet
    /// is acknowledged, the request is kept by the client and the result by the server. What these
    /// cost is derived from the table: a copy at the price of marshalling (550 µs for 1440 bytes),
    /// an acknowledgement as queueing, both interprocessor interrupts and activation at one end and
    /// the receive interrupts at the other. Nobody measured it.
    pub fn textbook() -> Stack {
        let mut stack = Stack::firefly();
        (stack.name, stack.source) = ("textbook", "derived from the Firefly's table");
        let copy = |name, side, work| entry(name, side, work, 28, 578);
        let acknowledge = |name, side, us| entry(name, side, Work::Acknowledge, us, us);
        stack.before.push(copy("keep the request", Side::Caller, Work::ClientBuffer));
        stack.packet.push(acknowledge("send an acknowledgement", Side::Receiver, 147));
        stack.packet.push(acknowledge("receive an acknowledgement", Side::Sender, 191));
        stack.server.push(copy("keep the result", Side::Server, Work::ServerBuffer));
        stack
    }

    /// A round trip of one-byte messages through RAMCloud's user-level driver for 1 Gb/s adapters
    /// (its project's wiki, *RPC Performance Numbers*): what hardware and driver take, 1431 ns in
    /// all. The wire is not part of it.
    pub fn ramcloud() -> Stack {
        use Side::{Caller, Network, Server};
        let fixed =
            |name, side, ns| Entry { name, side, work: Work::Plain, small_ns: ns, large_ns: ns };
        Stack {
            name: "ramcloud",
            source: "RAMCloud project, RPC Performance Numbers",
            before: vec![
                fixed("copy packet into ring buffer", Caller, 29),
                fixed("poke the NIC", Caller, 147),
                fixed("memory to NIC", Network, 205),
            ],
            packet: Vec::new(),
            server: vec![
                fixed("NIC to memory", Network, 264),
                fixed("process packet, make the reply", Server, 176),
                fixed("poke the NIC", Server, 150),
                fixed("memory to NIC", Network, 200),
            ],
            after: vec![fixed("NIC to memory", Network, 260)],
        }
    }
}
