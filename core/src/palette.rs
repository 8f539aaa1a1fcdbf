//! Colours that colour-blind people can tell apart too.

/// Red, green and blue.
pub(crate) type Colour = (u8, u8, u8);

/// On white: M. Okabe and K. Ito, "Color Universal Design", without black and yellow, and two that are apart from these.
const SERIES: [Colour; 8] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (117, 76, 36),
    (110, 110, 110),
];

/// On black: the same, lighter.
const DARK: [Colour; 8] = [
    (77, 170, 235),
    (255, 135, 60),
    (40, 200, 150),
    (230, 150, 195),
    (245, 185, 60),
    (150, 215, 255),
    (200, 150, 105),
    (170, 170, 170),
];

/// How many colours there are.
pub(crate) const COUNT: usize = SERIES.len();

/// The colour of a series, and the number of times that all colours have been used before it: lines are dashed then.
#[cfg(feature = "plot")]
pub(crate) fn series(number: usize) -> (Colour, usize) {
    (SERIES[number % SERIES.len()], number / SERIES.len())
}

/// The colours of a series for a style sheet, on white and on black.
pub(crate) fn css(number: usize) -> [String; 2] {
    [SERIES, DARK].map(|all| {
        let (red, green, blue) = all[number % all.len()];
        format!("#{red:02x}{green:02x}{blue:02x}")
    })
}
