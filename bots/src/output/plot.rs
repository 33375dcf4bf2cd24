//! Plots as SVG, which an HTML page can contain and which are sharp at any size.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// Width and height of a plot, in CSS pixels.
const SIZE: (u32, u32) = (560, 200);
/// Axes, grids and labels: readable on white and on black.
const INK: RGBColor = RGBColor(0x80, 0x88, 0x96);
/// The colours of lines, in order. Colour-blind readers can tell them apart (after Okabe and Ito, a little darker).
pub const COLOURS: [RGBColor; 6] = [
    RGBColor(0x00, 0x86, 0xd1),
    RGBColor(0xe0, 0x7b, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xd0, 0x4f, 0x9a),
    RGBColor(0x8a, 0x6f, 0xe8),
    RGBColor(0xb8, 0x9b, 0x00),
];
/// The marks on the axis of quantiles.
const QUANTILES: [(f64, &str); 6] =
    [(0.5, "50%"), (0.9, "90%"), (0.99, "99%"), (0.999, "99.9%"), (0.9999, "99.99%"), (0.99999, "99.999%")];

/// A line of a plot. A missing value leaves a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its name in the key.
    pub name: &'static str,
    /// Its points, by ascending x.
    pub points: Vec<(f64, Option<f64>)>,
}

/// The quantity along a plot's horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Seconds since the start.
    Seconds,
    /// Quantiles, spaced so that each nine takes the same width.
    Quantiles,
}

/// Draws lines. `unit` is the unit of their values.
#[must_use]
pub fn plot(lines: &[Line], along: Along, unit: &str) -> String {
    let mut svg = String::new();
    draw(lines, along, unit, SVGBackend::with_string(&mut svg, SIZE)).expect("a string takes what is drawn");
    svg
}

fn draw(
    lines: &[Line],
    along: Along,
    unit: &str,
    backend: SVGBackend,
) -> Result<(), Box<dyn std::error::Error>> {
    let root = backend.into_drawing_area();
    let text = ("sans-serif", 12).into_font().color(&INK);
    let points = || lines.iter().flat_map(|line| &line.points);
    let place = |x: f64| if along == Along::Seconds { x } else { nines(x) };
    let last = points().map(|(x, _)| place(*x)).fold(1.0, f64::max);
    let most = points().filter_map(|(_, y)| *y).fold(0.0, f64::max);
    let top = if most > 0.0 { most * 1.08 } else { 1.0 };
    let first = if along == Along::Seconds { 0.0 } else { nines(0.5) };
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(24)
        .y_label_area_size(52)
        .build_cartesian_2d(Axis { range: (first..last).into(), marks: marks(along, last) }, 0.0..top)?;
    let name = |x: &f64| match along {
        Along::Seconds => format!("{x:.0} s"),
        Along::Quantiles => {
            let mark = QUANTILES.iter().find(|(q, _)| (nines(*q) - x).abs() < 1e-6);
            mark.map_or_else(String::new, |(_, name)| (*name).to_owned())
        }
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.25))
        .axis_style(INK.mix(0.6))
        .label_style(text)
        .x_label_formatter(&name)
        .y_labels(5)
        .y_label_formatter(&|y| format!("{} {unit}", tidy(*y, top)))
        .draw()?;
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        for stretch in line.points.split(|(_, y)| y.is_none()) {
            let known = stretch.iter().map(|(x, y)| (place(*x), y.unwrap_or_default()));
            chart.draw_series(LineSeries::new(known.clone(), colour.stroke_width(2)))?;
            if stretch.len() == 1 {
                chart.draw_series(known.map(|point| Circle::new(point, 2, colour.filled())))?;
            }
        }
    }
    root.present()?;
    Ok(())
}

/// A horizontal axis with its own marks.
struct Axis {
    range: RangedCoordf64,
    marks: Vec<f64>,
}

impl Ranged for Axis {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, pixels: (i32, i32)) -> i32 {
        self.range.map(value, pixels)
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.marks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

/// The number of nines of a quantile.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).max(1e-9).log10()
}

/// The marks of the horizontal axis.
fn marks(along: Along, last: f64) -> Vec<f64> {
    match along {
        Along::Seconds => {
            let steps = [1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0];
            let step = steps.into_iter().find(|step| last / step <= 12.0).unwrap_or(last / 12.0);
            (0..=(last / step) as u32).map(|index| f64::from(index) * step).collect()
        }
        Along::Quantiles => QUANTILES.iter().map(|(q, _)| nines(*q)).filter(|x| *x <= last + 1e-6).collect(),
    }
}

/// A number with as many digits as an axis up to `top` needs.
fn tidy(value: f64, top: f64) -> String {
    if top >= 1e6 {
        format!("{:.1}M", value / 1e6)
    } else if top >= 1e4 {
        format!("{:.0}k", value / 1e3)
    } else if top >= 20.0 {
        format!("{value:.0}")
    } else if top >= 2.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stretch_of_a_line_is_drawn_and_gaps_are_not() {
        let known = |x: f64| (x, Some(10.0 + x));
        let points =
            vec![known(0.0), known(1.0), (2.0, None), known(3.0), known(4.0), (5.0, None), known(6.0)];
        let svg = plot(&[Line { name: "a", points }], Along::Seconds, "ms");
        assert_eq!(svg.matches("<polyline").filter(|_| true).count() - mesh_lines(&svg), 3, "{svg}");
        assert_eq!(svg.matches("<circle").count(), 1, "a lonely point is a dot");
        assert!(svg.contains("6 s") && svg.contains(" ms"));
    }

    #[test]
    fn nothing_known_is_an_empty_plot() {
        let svg = plot(&[Line { name: "a", points: vec![(0.0, None)] }], Along::Quantiles, "ms");
        assert!(svg.starts_with("<svg") && svg.contains("50%"));
    }

    /// The lines of the grid and the axes, which are not in a line's colour.
    fn mesh_lines(svg: &str) -> usize {
        svg.matches("<polyline").count()
            - svg.split("<polyline").filter(|part| part.contains("#0086D1")).count()
    }
}
