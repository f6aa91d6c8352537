//! How wide each column of a table is in a terminal that is too narrow for all of it.
//!
//! What is of no use when it is cut in two is never cut. Words are broken only when there is no other way, and then the
//! longest ones; what is short stays as it is.

/// What a column would like to have, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its longest line.
    pub line: usize,
    /// Its longest word.
    pub word: usize,
    /// Cut in two, it is of no use.
    pub whole: bool,
}

impl Wish {
    /// Below this, something of it is broken.
    fn unbroken(self) -> usize {
        if self.whole { self.line } else { self.word.min(self.line) }
    }

    /// Below this, it is of no use at all.
    fn least(self) -> usize {
        if self.whole { self.line } else { self.line.min(1) }
    }
}

/// A width for each column, the sum of which is `room` at most if that can be.
pub fn widths(wishes: &[Wish], room: usize) -> Vec<usize> {
    let bounds: [fn(Wish) -> usize; 3] = [Wish::least, Wish::unbroken, |wish| wish.line];
    let sum = |bound: fn(Wish) -> usize| wishes.iter().map(|wish| bound(*wish)).sum::<usize>();
    // Between the last pair of bounds whose lower one fits, all columns have the same share.
    let [least, unbroken, line] = bounds;
    let (low, high) = if sum(unbroken) <= room { (unbroken, line) } else { (least, unbroken) };
    let at =
        |share: usize| wishes.iter().map(move |wish| share.clamp(low(*wish), high(*wish).max(low(*wish))));
    let most = wishes.iter().map(|wish| high(*wish)).max().unwrap_or(0);
    let share = (0..=most).rev().find(|share| at(*share).sum::<usize>() <= room).unwrap_or(0);
    let mut widths: Vec<usize> = at(share).collect();
    // What a whole step more was too much for is given to the first that can use it.
    let mut rest = room.saturating_sub(widths.iter().sum());
    for (width, wish) in widths.iter_mut().zip(wishes) {
        if rest > 0 && *width < high(*wish) {
            *width += 1;
            rest -= 1;
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn text(line: usize, word: usize) -> Wish {
        Wish { line, word, whole: false }
    }

    const fn whole(line: usize) -> Wish {
        Wish { line, word: line, whole: true }
    }

    #[test]
    fn with_room_for_all_nothing_is_narrower_than_its_longest_line() {
        assert_eq!(widths(&[text(10, 5), whole(36)], 80), [10, 36]);
    }

    #[test]
    fn long_lines_give_way_before_any_word_is_broken() {
        assert_eq!(widths(&[text(8, 8), text(60, 9), text(7, 7)], 40), [8, 25, 7]);
        assert_eq!(widths(&[text(60, 9), text(50, 9)], 41), [21, 20]);
    }

    #[test]
    fn where_words_must_break_the_longest_do_and_ids_never() {
        assert_eq!(widths(&[text(8, 8), text(30, 30), whole(36)], 60), [8, 16, 36]);
        assert_eq!(widths(&[text(8, 8), whole(36)], 20), [1, 36], "then the terminal wraps");
    }

    prop_compose! {
        fn wish()(line in 0..60usize, word in 1..60usize, whole in any::<bool>()) -> Wish {
            Wish { line, word: word.min(line), whole }
        }
    }

    proptest! {
        #[test]
        fn it_fits_if_it_can_and_leaves_no_room_that_somebody_wants(
            wishes in prop::collection::vec(wish(), 0..9),
            room in 0..200usize,
        ) {
            let widths = widths(&wishes, room);
            let sum = |of: fn(Wish) -> usize| wishes.iter().map(|wish| of(*wish)).sum::<usize>();
            let (least, line) = (sum(Wish::least), sum(|wish| wish.line));
            let total: usize = widths.iter().sum();
            prop_assert_eq!(total, room.clamp(least, line.max(least)));
            let breaks = widths.iter().zip(&wishes).any(|(width, wish)| *width < wish.unbroken());
            prop_assert_eq!(breaks, sum(Wish::unbroken) > room && least < sum(Wish::unbroken));
        }
    }
}
