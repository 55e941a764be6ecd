//! Lanes in a terminal: a column for each node, and arrows from column to column.

/// Where the nodes' columns are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lanes {
    at: Vec<usize>,
    names: Vec<String>,
    width: usize,
}

/// What one row shows on the lanes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Row {
    /// The line of each lane; `│` where there are too few.
    pub lines: Vec<char>,
    /// A message: from which lane, to which, and whether it arrives.
    pub arrow: Option<(usize, usize, bool)>,
    /// A sign on a lane.
    pub sign: Option<(usize, char)>,
}

/// Names are cut off behind so many characters.
const NAME_MAX: usize = 10;

impl Lanes {
    /// A column for each name.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut lanes = Lanes { at: Vec::new(), names: Vec::new(), width: 0 };
        for name in names {
            let name = super::words::shortened(name, NAME_MAX);
            lanes.at.push(lanes.width);
            lanes.width += name.chars().count().max(3) + 3;
            lanes.names.push(name);
        }
        lanes
    }

    /// How many characters a row has.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The names above their columns.
    pub fn head(&self) -> String {
        let mut head = String::new();
        for (name, at) in self.names.iter().zip(&self.at) {
            head += &" ".repeat(at - head.chars().count());
            head += name;
        }
        head
    }

    /// The lanes and what is on them.
    pub fn row(&self, row: &Row) -> String {
        let mut cells = vec![' '; self.width];
        for (lane, at) in self.at.iter().enumerate() {
            cells[*at] = row.lines.get(lane).copied().unwrap_or('│');
        }
        if let Some((from, to, arrives)) = row.arrow
            && let (Some(&start), Some(&end)) = (self.at.get(from), self.at.get(to))
            && start != end
        {
            let rightward = start < end;
            for cell in &mut cells[start.min(end) + 1..start.max(end)] {
                *cell = match cell {
                    '│' => '┼',
                    '┃' => '╂',
                    _ => '─',
                };
            }
            cells[start] = match (cells[start], rightward) {
                ('┃', true) => '┠',
                ('┃', false) => '┨',
                (_, true) => '├',
                (_, false) => '┤',
            };
            let head = if rightward { end - 1 } else { start.min(end) + 1 };
            cells[head] = match (arrives, rightward) {
                (false, _) => '×',
                (true, true) => '▶',
                (true, false) => '◀',
            };
        }
        if let Some((lane, sign)) = row.sign
            && let Some(at) = self.at.get(lane)
        {
            cells[*at] = sign;
        }
        cells.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(arrow: Option<(usize, usize, bool)>, sign: Option<(usize, char)>) -> String {
        let lanes = Lanes::new(["ada", "bob", "cyd"]);
        let lines = vec!['│', '┃', '│'];
        lanes.row(&Row { lines, arrow, sign }).trim_end().to_owned()
    }

    #[test]
    fn arrows_lead_from_lane_to_lane() {
        assert_eq!(Lanes::new(["ada", "bob", "cyd"]).head(), "ada   bob   cyd");
        assert_eq!(row(Some((0, 1, true)), Some((1, '●'))), "├────▶●     │");
        assert_eq!(row(Some((2, 0, true)), Some((0, '●'))), "●◀────╂─────┤");
        assert_eq!(row(Some((1, 2, false)), None), "│     ┠────×│");
        assert_eq!(row(None, Some((2, '●'))), "│     ┃     ●");
        assert_eq!(row(Some((0, 0, true)), Some((7, '●'))), "│     ┃     │");
    }

    #[test]
    fn long_names_are_cut_off_and_stay_above_their_columns() {
        let lanes = Lanes::new(["a-very-long-name-indeed", "b"]);
        assert_eq!(lanes.head(), "a-very-lo…   b");
        assert_eq!(lanes.row(&Row::default()).trim_end(), "│            │");
    }
}
