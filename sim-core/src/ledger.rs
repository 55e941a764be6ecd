//! Accounts of operations: what each cost in messages and time.

use hdrhistogram::Histogram;
use seedbed_node::{Message, Operation, Pending, Time};

use crate::outcome::{Operations, Quantiles, Spread3};

#[derive(Clone, Copy, Debug)]
struct Account {
    begun: Time,
    completed: Option<Time>,
}

/// The operations of one client, in order of their numbers.
#[derive(Clone, Debug, Default)]
struct Book {
    accounts: Vec<Account>,
    /// Messages by operation and kind: `KINDS` counts an operation.
    messages: Vec<u32>,
}

/// The operations of all clients.
#[derive(Clone, Debug)]
pub struct Ledger {
    books: Vec<Book>,
    kinds: usize,
    begun: u64,
    completed: u64,
}

impl Ledger {
    /// Books for messages of type `M`; a transport's own are not booked.
    pub fn new<M: Message>() -> Self {
        Ledger { books: Vec::new(), kinds: M::TRANSPORT_FROM, begun: 0, completed: 0 }
    }

    /// An operation begins.
    pub fn begin(&mut self, operation: Operation, now: Time) {
        let client = operation.client.index();
        if self.books.len() <= client {
            self.books.resize(client + 1, Book::default());
        }
        let book = &mut self.books[client];
        assert_eq!(book.accounts.len(), operation.number as usize, "operations begin in order");
        book.accounts.push(Account { begun: now, completed: None });
        book.messages.resize(book.messages.len() + self.kinds, 0);
        self.begun += 1;
    }

    /// An operation is done; a second time changes nothing.
    pub fn complete(&mut self, operation: Operation, now: Time) {
        let account = &mut self.books[operation.client.index()].accounts[operation.number as usize];
        if account.completed.is_none() {
            account.completed = Some(now);
            self.completed += 1;
        }
    }

    /// A message of the algorithm is sent for an operation. One that nobody has begun, which a node
    /// may have read off an altered message, has no account.
    #[inline]
    pub fn message(&mut self, operation: Operation, kind: usize) {
        let Some(book) = self.books.get_mut(operation.client.index()) else { return };
        let place = operation.number as usize * self.kinds + kind;
        if let Some(count) = book.messages.get_mut(place) {
            *count += 1;
        }
    }

    /// How many are begun and not done.
    pub fn pending_count(&self) -> u64 {
        self.begun - self.completed
    }

    /// Those that are begun and not done, in order of their beginning.
    pub fn pending(&self) -> Vec<Pending> {
        let mut pending: Vec<_> = self
            .accounts()
            .filter(|(_, account, _)| account.completed.is_none())
            .map(|(operation, account, _)| Pending { operation, since: account.begun })
            .collect();
        pending.sort_by_key(|p| (p.since, p.operation));
        pending
    }

    /// The accounts of completed operations. `sent` is all messages, background included.
    pub fn finish<M: Message>(&self, sent: u64) -> Operations {
        if self.completed == 0 {
            return Operations { pending: self.pending_count(), ..Operations::default() };
        }
        let mut latency = Histogram::<u64>::new(3).expect("three digits are within its range");
        let mut by_kind = vec![0u64; self.kinds];
        let (mut total, mut least, mut greatest) = (0u64, u64::MAX, 0);
        for (_, account, counts) in self.accounts() {
            let Some(completed) = account.completed else { continue };
            latency.record(completed.since(account.begun).as_nanos()).expect("it grows");
            let cost: u64 = counts.iter().map(|&c| u64::from(c)).sum();
            (total, least, greatest) = (total + cost, least.min(cost), greatest.max(cost));
            for (sum, &count) in by_kind.iter_mut().zip(counts) {
                *sum += u64::from(count);
            }
        }
        let count = self.completed;
        let per = |sum: u64| sum as f64 / count as f64;
        Operations {
            count,
            pending: self.pending_count(),
            messages_per: Some(Spread3 { mean: per(total), min: least, max: greatest }),
            by_kind: by_kind
                .iter()
                .enumerate()
                .filter(|(_, sum)| **sum > 0)
                .map(|(kind, &sum)| (M::kind_name(kind), per(sum)))
                .collect(),
            messages_per_overall: Some(per(sent)),
            latency_ns: quantiles(&latency),
        }
    }

    fn accounts(&self) -> impl Iterator<Item = (Operation, &Account, &[u32])> {
        self.books.iter().zip(0..).flat_map(move |(book, client)| {
            // A message type with a transport only has no kinds to book.
            let counts = book.messages.chunks(self.kinds.max(1)).chain(std::iter::repeat(&[][..]));
            book.accounts.iter().zip(counts).zip(0..).map(move |((account, counts), number)| {
                (Operation { client: seedbed_node::NodeId(client), number }, account, counts)
            })
        })
    }
}

/// The summary of a histogram, if it has samples.
pub fn quantiles(histogram: &Histogram<u64>) -> Option<Quantiles> {
    (!histogram.is_empty()).then(|| Quantiles {
        mean: histogram.mean(),
        p50: histogram.value_at_quantile(0.50),
        p95: histogram.value_at_quantile(0.95),
        p99: histogram.value_at_quantile(0.99),
        max: histogram.max(),
    })
}
