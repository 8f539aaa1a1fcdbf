//! Regions as their producers write them.

use win_shared_memory_layouts::{Layout, Plan, Quantity};

/// A region of this layout that is all ones, with its magic, and with two rows in each table of its root.
pub(crate) fn ones(layout: &Layout) -> Vec<u8> {
    // More would only take longer.
    const LARGEST: usize = 400_000;
    const LONGEST_ROW: usize = 4000;
    const ROWS: usize = 2;
    let plan = Plan::new(layout).unwrap();
    let mut bytes = vec![1; plan.size().min(LARGEST)];
    let set = |bytes: &mut Vec<u8>, quantity: &Quantity, number: usize| {
        if let Quantity::Field(path) = quantity {
            plan.edit(bytes).set(path, number as u64).unwrap();
        }
    };
    for table in &layout.root().unwrap().table {
        let row = layout.structure(&table.of).unwrap().size.unwrap();
        let (at, stride) = (bytes.len(), LONGEST_ROW.min(row as usize));
        if let Quantity::Field(_) = table.at {
            bytes.resize(at + ROWS * stride, 1);
        }
        set(&mut bytes, &table.at, at);
        set(&mut bytes, &table.stride, stride);
        set(&mut bytes, &table.count, ROWS);
    }
    if let Some(magic) = &layout.magic {
        plan.edit(&mut bytes).set(&magic.field, magic.live).unwrap();
    }
    bytes
}

/// A region with one sensor and so many readings, at this distance.
pub(crate) fn hwinfo(count: u32, stride: u32) -> Vec<u8> {
    let first = 44 + 264;
    let mut bytes = vec![0; (first + count * stride) as usize];
    put(&mut bytes, 0, b"HWiS");
    for (at, number) in [
        (20, 44),
        (24, 264),
        (28, 1),
        (32, first),
        (36, stride),
        (40, count),
    ] {
        put(&mut bytes, at, &number.to_le_bytes());
    }
    put(&mut bytes, 44 + 136, b"Sensor");
    for index in 0..count {
        let at = (first + index * stride) as usize;
        put(&mut bytes, at, &1_u32.to_le_bytes());
        put(&mut bytes, at + 140, format!("Reading {index}").as_bytes());
        put(&mut bytes, at + 268, b"\xb0C");
        put(
            &mut bytes,
            at + 284,
            &(f64::from(index) + 0.5).to_le_bytes(),
        );
    }
    bytes
}

/// A region with two variables, three buffers and a text.
pub(crate) fn iracing() -> Vec<u8> {
    let mut bytes = vec![0; 1024];
    let numbers = [
        (4, 1),
        (16, 64),
        (20, 112),
        (24, 2),
        (28, 176),
        (32, 3),
        (36, 32),
    ];
    for (at, number) in numbers {
        put(&mut bytes, at, &i32::to_le_bytes(number));
    }
    put(&mut bytes, 112, b"---\nWeekend: 1\n");
    for (index, tick) in [7, 8, 6].into_iter().enumerate() {
        let (row, start) = (48 + 16 * index, 512 + 32 * index);
        put(&mut bytes, row, &i32::to_le_bytes(tick));
        put(
            &mut bytes,
            row + 4,
            &u32::try_from(start).unwrap().to_le_bytes(),
        );
        if tick == 8 {
            for (number, value) in [2.5_f32, 1.0, 2.0, 3.0].into_iter().enumerate() {
                put(&mut bytes, start + 4 * number, &value.to_le_bytes());
            }
        }
    }
    for (index, (name, offset, count)) in [("Speed", 0, 1), ("LF", 4, 3)].into_iter().enumerate() {
        let at = 176 + 144 * index;
        for (distance, number) in [(0, 4), (4, offset), (8, count)] {
            put(&mut bytes, at + distance, &i32::to_le_bytes(number));
        }
        put(&mut bytes, at + 16, name.as_bytes());
        put(&mut bytes, at + 112, b"m/s");
    }
    bytes
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}
