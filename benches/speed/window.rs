//! From starting the program to the first picture in its window, beside an empty Tauri window.
//!
//! Measured from outside, the same for both: Xvfb keeps its picture in a file, and the time is taken when a point of the
//! window has the page's own colour. So nothing in the program knows that it is measured.

use std::{
    fs::File,
    io,
    os::unix::{fs::FileExt, process::CommandExt},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{Measured, middle_and_worst, seconds};

const WIDTH: usize = 1360;
const HEIGHT: usize = 850;
/// How much slower than an empty window is promised at the most.
const FACTOR: f64 = 1.2;
/// A window that has not drawn by then never will.
const GIVE_UP: Duration = Duration::from_secs(30);

/// A point of the screen, pixels from its upper left corner, and the colour that it has when something is there.
#[derive(Clone, Copy)]
struct Sign {
    x: u64,
    y: u64,
    colour: [u8; 3],
}

/// The ground of the empty window's page (benches/empty).
const EMPTY: Sign = Sign { x: 6, y: 425, colour: [0x24, 0x68, 0xac] };
/// The ground of Startline's page in its light theme (ui/style/tokens.css).
const PAGE: Sign = Sign { x: 6, y: 425, colour: [0xf6, 0xf5, 0xf3] };
/// The mark in the corner of the start page.
const MARK: Sign = Sign { x: 36, y: 24, colour: [0xc0, 0x3c, 0x20] };

/// A process with its children.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

/// Both windows, by turns, so that both meet the same weather on the machine.
pub fn first_paint(runs: usize) -> io::Result<[Measured; 3]> {
    let home = tempfile::tempdir()?;
    let (_xvfb, display) = display(home.path())?;
    let screen = File::open(home.path().join("Xvfb_screen0"))?;
    let (mut empty, mut ours, mut drawn) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        empty.push(paint(env!("CARGO_BIN_EXE_empty-window"), &display, home.path(), &screen, EMPTY)?);
        ours.push(paint(env!("CARGO_BIN_EXE_startline"), &display, home.path(), &screen, PAGE)?);
        drawn.push(paint(env!("CARGO_BIN_EXE_startline"), &display, home.path(), &screen, MARK)?);
    }
    let (empty, empty_worst) = middle_and_worst(empty);
    let (ours, ours_worst) = middle_and_worst(ours);
    let (drawn, drawn_worst) = middle_and_worst(drawn);
    let limit = empty.mul_f64(FACTOR);
    Ok([
        Measured {
            what: "an empty Tauri window: start to first paint".into(),
            median: seconds(empty),
            worst: seconds(empty_worst),
            limit: "—".into(),
            kept: true,
        },
        Measured {
            what: "Startline’s window: start to first paint".into(),
            median: seconds(ours),
            worst: seconds(ours_worst),
            limit: format!("{} ({FACTOR} × the empty one)", seconds(limit)),
            kept: ours <= limit,
        },
        Measured {
            what: "Startline’s window: start until the page is there, drawn by WebAssembly".into(),
            median: seconds(drawn),
            worst: seconds(drawn_worst),
            limit: "—".into(),
            kept: true,
        },
    ])
}

fn paint(program: &str, display: &str, home: &Path, screen: &File, sign: Sign) -> io::Result<Duration> {
    let began = Instant::now();
    let child = Command::new(program)
        .env("DISPLAY", display)
        .env_remove("WAYLAND_DISPLAY")
        .env("STARTLINE_HOME", home.join("startline"))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let _group = Group(child);
    while !shows(screen, sign)? {
        if began.elapsed() > GIVE_UP {
            return Err(io::Error::other(format!("{program} drew nothing within {GIVE_UP:?}")));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let took = began.elapsed();
    drop(_group);
    // The next window must not be taken for this one.
    while shows(screen, sign)? {
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(took)
}

/// Whether a point of the screen has its colour. The file is XWD: a header whose first word is
/// its length, a table of colours of 12 bytes each, then the picture, four bytes a point: blue, green, red, nothing.
fn shows(screen: &File, Sign { x, y, colour: [red, green, blue] }: Sign) -> io::Result<bool> {
    let word = |at: u64| -> io::Result<u64> {
        let mut bytes = [0; 4];
        screen.read_exact_at(&mut bytes, at)?;
        Ok(u32::from_be_bytes(bytes).into())
    };
    let (header, line, colours) = (word(0)?, word(48)?, word(76)?);
    let mut point = [0; 4];
    screen.read_exact_at(&mut point, header + colours * 12 + line * y + 4 * x)?;
    Ok(point[..3] == [blue, green, red])
}

fn display(home: &Path) -> io::Result<(Group, String)> {
    let said = home.join("display");
    let child = Command::new("sh")
        .args(["-c", "exec Xvfb -displayfd 3 -fbdir \"$1\" -screen 0 \"$2\" -nolisten tcp 3>\"$0\" >/dev/null 2>&1"])
        .arg(&said)
        .arg(home)
        .arg(format!("{WIDTH}x{HEIGHT}x24"))
        .process_group(0)
        .stdin(Stdio::null())
        .spawn()?;
    let group = Group(child);
    for _ in 0..200 {
        if let Ok(number) = std::fs::read_to_string(&said)
            && number.ends_with('\n')
        {
            return Ok((group, format!(":{}", number.trim())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(io::Error::other("Xvfb named no display within 10 s"))
}
