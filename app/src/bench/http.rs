//! A client as small as HTTP/1.1 allows: the load generator shares two cores with the server, so
//! what it spends is missing there. Blocking, keep-alive, answers with `Content-Length` only.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer may take; a server that hangs must not hang the measurement.
const TIMEOUT: Duration = Duration::from_secs(30);

/// One connection.
pub struct Connection {
    stream: TcpStream,
    sent: Vec<u8>,
    received: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body when the status is 200.
    pub fn ok(self) -> io::Result<Vec<u8>> {
        if self.status == 200 {
            return Ok(self.body);
        }
        let body = String::from_utf8_lossy(&self.body).into_owned();
        Err(io::Error::other(format!(
            "the server answered {}: {body}",
            self.status
        )))
    }
}

impl Connection {
    /// Connects.
    pub fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(Connection {
            stream,
            sent: Vec::new(),
            received: Vec::with_capacity(16 << 10),
        })
    }

    /// Sends and waits for the answer.
    pub fn post(&mut self, path: &str, write_key: &str, body: &str) -> io::Result<Answer> {
        self.send(path, write_key, body)?;
        self.receive()
    }

    /// Asks and waits for the answer.
    pub fn get(&mut self, path: &str, write_key: &str) -> io::Result<Answer> {
        self.write("GET", path, ("x-write-key", write_key), "")?;
        self.receive()
    }

    /// Asks the control plane and waits for the answer.
    pub fn ask(&mut self, path: &str, secret_key: &str, body: &str) -> io::Result<Answer> {
        let bearer = ("authorization", format!("Bearer {secret_key}"));
        self.write("POST", path, (bearer.0, &bearer.1), body)?;
        self.receive()
    }

    /// Sends without waiting; [`Connection::receive`] must follow before the next.
    pub fn send(&mut self, path: &str, write_key: &str, body: &str) -> io::Result<()> {
        self.write("POST", path, ("x-write-key", write_key), body)
    }

    fn write(
        &mut self,
        method: &str,
        path: &str,
        (header, key): (&str, &str),
        body: &str,
    ) -> io::Result<()> {
        self.sent.clear();
        write!(self.sent, "{method} {path} HTTP/1.1\r\nhost: kith\r\n")?;
        write!(self.sent, "{header}: {key}\r\n")?;
        let length = body.len();
        write!(
            self.sent,
            "content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )?;
        self.sent.extend_from_slice(body.as_bytes());
        self.stream.write_all(&self.sent)
    }

    /// The answer to what was sent.
    pub fn receive(&mut self) -> io::Result<Answer> {
        self.received.clear();
        loop {
            if let Some(head) = head_length(&self.received) {
                return self.rest(head);
            }
            self.more()?;
        }
    }

    fn rest(&mut self, head: usize) -> io::Result<Answer> {
        let text = std::str::from_utf8(&self.received[..head]).map_err(io::Error::other)?;
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("the answer has no status"))?;
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find_map(|(name, value)| {
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())
            });
        let length = length
            .flatten()
            .ok_or_else(|| io::Error::other("the answer has no length"))?;
        while self.received.len() < head + length {
            self.more()?;
        }
        Ok(Answer {
            status,
            body: self.received[head..head + length].to_vec(),
        })
    }

    fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        match self.stream.read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.received.extend_from_slice(&chunk[..count]);
                Ok(())
            }
        }
    }
}

fn head_length(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4)
}
