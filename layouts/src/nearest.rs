//! Which of the allowed words somebody may have meant.

/// Longer words are not compared: the work grows with the product of the lengths.
const LONGEST: usize = 64;

/// The candidate that differs least, if it differs little: in a third of its letters at most.
pub(crate) fn nearest<'a>(
    word: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let near = |candidate: &&str| candidate.len() <= LONGEST;
    let scored = allowed
        .into_iter()
        .filter(near)
        .map(|it| (distance(word, it), it));
    let close = scored.filter(|(distance, it)| *distance <= it.chars().count().div_ceil(3));
    close
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, found)| found)
}

/// The number of letters to insert, leave out, replace or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| -> Vec<char> { text.chars().flat_map(char::to_lowercase).collect() };
    let (a, b) = (letters(a), letters(b));
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            let mut cost = (last[j - 1] + differs).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(before[j - 2] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_keyboard_is_near() {
        let keys = ["offset", "name", "type"];
        assert_eq!(nearest("ofset", keys), Some("offset"));
        assert_eq!(nearest("tpye", keys), Some("type"));
        assert_eq!(nearest("consistency", keys), None);
        assert_eq!(nearest("", []), None);
    }
}
