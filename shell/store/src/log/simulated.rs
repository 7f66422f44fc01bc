//! A log in memory that fails by seed: appends that answer an error, and crashes in the middle
//! of an append, after which its group is either wholly there (the acknowledgement was lost) or
//! wholly gone (unsynced bytes lost, torn tail cut).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kith_base::Random;
use kith_event::Position;
use kith_runtime::log::{Error, Log, Reader};

use super::Memory;

/// What goes wrong, and how often. Each is a probability per append.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// The append answers an error and leaves the log as it was.
    pub error: f64,
    /// The machine dies before the append returns.
    pub crash: f64,
}

impl Faults {
    /// Nothing goes wrong unless asked for.
    pub const fn none() -> Self {
        Faults {
            error: 0.0,
            crash: 0.0,
        }
    }
}

/// A log whose faults follow from a seed.
pub struct Simulated {
    memory: Memory,
    control: Arc<Mutex<Control>>,
}

/// Shared with [`Switch`].
struct Control {
    random: Random,
    faults: Faults,
    appends: u64,
    next: Option<(u64, Fault)>,
    down: bool,
}

/// One fault of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers an error; nothing was written.
    Error,
    /// The machine dies; whether the group survived, the seed decides.
    Crash,
    /// The machine dies after the group became durable, before anybody heard.
    AckLost,
    /// The machine dies while writing; opening cuts the torn tail.
    TornTail,
}

impl Simulated {
    /// An empty log with faults from `seed`.
    pub fn new(seed: u64, faults: Faults) -> Self {
        let random = Random::from_parts("simulated-log", &[&seed.to_be_bytes()]);
        let control = Control {
            random,
            faults,
            appends: 0,
            next: None,
            down: false,
        };
        Simulated {
            memory: Memory::new(),
            control: Arc::new(Mutex::new(control)),
        }
    }

    /// Makes the `appends`-th append from now on (1 is the next) fail.
    pub fn fail_after(&self, appends: u64, fault: Fault) {
        let mut control = self.control();
        control.next = Some((control.appends + appends, fault));
    }

    /// True after a simulated crash: the machine is down until [`Simulated::restart`].
    pub fn is_down(&self) -> bool {
        self.control().down
    }

    /// A handle that sets faults while the log is owned elsewhere.
    pub fn switch(&self) -> Switch {
        Switch {
            control: Arc::clone(&self.control),
        }
    }

    /// Boots the machine again, with what reached the disk. Also cuts the power when it is up:
    /// every append that returned is durable, so nothing is lost by that.
    pub fn restart(self) -> Self {
        let mut control = self.control();
        let restarted = Control {
            random: control.random.clone(),
            faults: control.faults,
            appends: 0,
            next: None,
            down: false,
        };
        control.down = true;
        drop(control);
        Simulated {
            memory: self.memory,
            control: Arc::new(Mutex::new(restarted)),
        }
    }

    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets faults of a [`Simulated`] log from outside.
#[derive(Clone)]
pub struct Switch {
    control: Arc<Mutex<Control>>,
}

impl Switch {
    /// As [`Simulated::fail_after`].
    pub fn fail_after(&self, appends: u64, fault: Fault) {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        control.next = Some((control.appends + appends, fault));
    }

    /// As [`Simulated::is_down`].
    pub fn is_down(&self) -> bool {
        self.control
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .down
    }
}

impl Control {
    fn draw(&mut self) -> Option<Fault> {
        self.appends += 1;
        if let Some((_, fault)) = self.next.take_if(|(at, _)| *at == self.appends) {
            return Some(fault);
        }
        let draw = self.random.unit();
        if draw < self.faults.error {
            Some(Fault::Error)
        } else if draw < self.faults.error + self.faults.crash {
            Some(Fault::Crash)
        } else {
            None
        }
    }
}

impl Log for Simulated {
    fn append(&mut self, records: &[Vec<u8>]) -> Result<Position, Error> {
        let mut control = self.control.lock().unwrap_or_else(PoisonError::into_inner);
        if control.down {
            return Err(Error::Storage("the simulated machine is down".to_owned()));
        }
        let fault = match control.draw() {
            None => return self.memory.append(records),
            Some(Fault::Error) => {
                return Err(Error::Storage("simulated fault of an append".to_owned()));
            }
            Some(Fault::Crash) if control.random.chance(0.5) => Fault::AckLost,
            Some(Fault::Crash) => Fault::TornTail,
            Some(fault) => fault,
        };
        control.down = true;
        if fault == Fault::AckLost {
            self.memory.append(records)?;
        }
        Err(Error::Storage("the simulated machine went down".to_owned()))
    }

    fn reader(&self) -> Arc<dyn Reader> {
        self.memory.reader()
    }
}
