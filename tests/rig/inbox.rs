//! Stands where the EventSource `gocd-stages` is: takes the posts of passed stages.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

/// The posts so far, by namespace.
pub struct Inbox {
    address: String,
    posts: Arc<Mutex<BTreeMap<String, Vec<Json>>>>,
}

impl Inbox {
    /// Listens on a port of its own, where pods find it.
    pub fn open(gateway: &str) -> Inbox {
        let listener = TcpListener::bind((gateway, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let posts: Arc<Mutex<BTreeMap<String, Vec<Json>>>> = Arc::default();
        let shared = Arc::clone(&posts);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some((namespace, post)) = take(stream) {
                    shared.lock().unwrap().entry(namespace).or_default().push(post);
                }
            }
        });
        Inbox { address, posts }
    }

    /// Where runs of that namespace post to.
    pub fn url(&self, namespace: &str) -> String {
        format!("http://{}/{namespace}", self.address)
    }

    /// What they have posted.
    pub fn posts(&self, namespace: &str) -> Vec<Json> {
        self.posts.lock().unwrap().get(namespace).cloned().unwrap_or_default()
    }
}

fn take(stream: TcpStream) -> Option<(String, Json)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let namespace = line.split(' ').nth(1)?.trim_start_matches('/').to_string();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().ok()?
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let answer = b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
    reader.get_mut().write_all(answer).ok()?;
    Some((namespace, serde_json::from_slice(&body).ok()?))
}
