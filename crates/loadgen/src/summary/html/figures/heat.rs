//! Latency second by second, as a heat map.

use super::{Figure, Key, over_time::Time};
use crate::summary::{
    buckets::{BUCKETS, LatencyBuckets},
    chart::{Axis, Column, Frame, HeatMap},
    html::units,
    model::Row,
};

/// Most columns: each is some pixels wide, and the page of an hour stays small.
const MAX_COLUMNS: usize = 120;

/// `None` in files that do not tell, and for a run without requests.
pub(super) fn heat_map(time: &Time<'_>) -> Option<Figure> {
    let used = || time.rows.iter().flat_map(|row| row.latency.iter()).filter(|(_, n)| *n > 0);
    let first = used().map(|(bucket, _)| bucket).min()?;
    let last = used().map(|(bucket, _)| bucket).max()?;
    let edges: Vec<f64> = (first..=last + 1).map(LatencyBuckets::edge).collect();
    let size = time.rows.len().div_ceil(MAX_COLUMNS);
    let columns: Vec<_> = time.rows.chunks(size).map(|rows| column(rows, first, last)).collect();

    let description = describe(&columns, &edges);
    let (id, title) = ("heat", "Latency heat map");
    let frame = Frame {
        id,
        title,
        description: &description,
        x: time.axis(),
        y: Axis::log([edges[0], edges[edges.len() - 1]].into_iter(), units::duration),
        y2: None,
        bands: &time.bands,
    };
    let map = HeatMap { frame, columns: &columns, edges: &edges };
    let key = |name: String, class| Key { name, class };
    let most = format!("{} requests", units::round(map.most()));
    Some(Figure {
        id,
        title,
        // The last one is for what is under the pointer.
        keys: vec![
            key("1 request".into(), "heat1"),
            key(most, "heat8"),
            key(String::new(), "cell"),
        ],
        unit: "requests by latency, log scale",
        over_time: true,
        two_sided: false,
        banded: !time.bands.is_empty(),
        note: match size {
            1 => String::new(),
            _ => format!("Each column holds {size} intervals."),
        },
        svg: map.svg(),
    })
}

/// What some neighbouring intervals had.
fn column(rows: &[Row], first: usize, last: usize) -> Column {
    let mut amounts = [0.0; BUCKETS];
    for (bucket, count) in rows.iter().flat_map(|row| row.latency.iter()) {
        amounts[bucket] += count as f64;
    }
    Column {
        start: rows.first().map_or(0.0, |row| row.at - row.seconds),
        end: rows.last().map_or(0.0, |row| row.at),
        amounts: amounts[first..=last].into(),
    }
}

/// Where most requests are.
fn describe(columns: &[Column], edges: &[f64]) -> String {
    let total = |row: usize| columns.iter().map(|column| column.amounts[row]).sum::<f64>();
    let busiest = (0..edges.len() - 1).max_by(|a, b| total(*a).total_cmp(&total(*b)));
    busiest.map_or_else(String::new, |row| {
        let [from, to] = [edges[row], edges[row + 1]].map(units::duration);
        format!("most requests took {from} to {to}")
    })
}
