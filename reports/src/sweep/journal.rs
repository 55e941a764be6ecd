//! The journal of a sweep: the finished runs, one line each, in the order in which they ended.
//!
//! A line is a checksum and the record as `results.csv` will have it. The line that was being written
//! when a process was killed lacks its end or has another checksum; it is dropped, and its run is
//! done again.

use xxhash_rust::xxh3::xxh3_64;

/// How many hex digits a checksum has.
const DIGITS: usize = 8;

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Journal<'a> {
    /// The records that are whole.
    pub records: Vec<&'a str>,
    /// How many bytes they take in the file. What is behind them was being written.
    pub bytes: usize,
}

/// The line of a record, with its line break.
pub fn line(record: &str) -> String {
    format!("{} {record}\n", checksum(record))
}

/// Reads a journal.
///
/// # Errors
/// If a line other than the last is damaged: then it is no journal, or something else has happened
/// to it than an interrupted process.
pub fn read(text: &str) -> Result<Journal<'_>, String> {
    let mut journal = Journal { records: Vec::new(), bytes: 0 };
    for (at, line) in text.split_inclusive('\n').enumerate() {
        match record(line) {
            Some(record) => journal.records.push(record),
            None if journal.bytes + line.len() == text.len() => break,
            None => return Err(format!("line {} is damaged", at + 1)),
        }
        journal.bytes += line.len();
    }
    Ok(journal)
}

/// The record in a line that is whole.
fn record(line: &str) -> Option<&str> {
    let (sum, record) = line.strip_suffix('\n')?.split_at_checked(DIGITS)?;
    record.strip_prefix(' ').filter(|record| checksum(record) == sum)
}

fn checksum(record: &str) -> String {
    format!("{:08x}", xxh3_64(record.as_bytes()) & 0xffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_that_ends_anywhere_loses_at_most_its_last_line() {
        let text = line("0,1,x") + &line("0,2,y") + &line("1,1,\"a, b\"");
        let whole = read(&text).unwrap();
        assert_eq!(whole.records, ["0,1,x", "0,2,y", "1,1,\"a, b\""]);
        for end in 0..text.len() {
            let torn = read(&text[..end]).unwrap();
            let lines = text[..end].matches('\n').count();
            assert_eq!(torn.records, whole.records[..lines], "cut at {end}");
            assert_eq!(text[..torn.bytes].matches('\n').count(), lines, "cut at {end}");
        }
    }

    #[test]
    fn a_last_line_of_other_contents_is_dropped_and_an_earlier_one_refused() {
        let (first, second) = (line("0,1,x"), line("0,2,y"));
        let damaged = second.replace('y', "z");
        let journal = format!("{first}{damaged}");
        assert_eq!(read(&journal).unwrap(), Journal { records: vec!["0,1,x"], bytes: first.len() });
        let why = read(&format!("{damaged}{first}")).unwrap_err();
        assert_eq!(why, "line 1 is damaged");
    }
}
