//! The rig's API server (through `kubectl proxy`) and its S3 server, by plain HTTP: a process per request would cost more
//! than the request.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

/// Where the rig is.
pub struct Api {
    proxy: Child,
    address: String,
    s3: String,
}

impl Drop for Api {
    fn drop(&mut self) {
        let _ = self.proxy.kill();
        let _ = self.proxy.wait();
    }
}

impl Api {
    /// Starts the proxy. `env.sh` of the rig has been sourced.
    pub fn start() -> Api {
        let mut proxy = Command::new("kubectl")
            .args(["proxy", "--port=0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(proxy.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_string();
        let port = std::env::var("S3_PORT").unwrap();
        Api { proxy, address, s3: format!("127.0.0.1:{port}") }
    }

    /// A request to the API server; gives the status and the answer, `Null` if it is no JSON.
    pub fn request(&self, method: &str, path: &str, kind: &str, body: &str) -> (u16, Json) {
        let headers = format!("Content-Type: {kind}\r\nAccept: application/json\r\n");
        let (status, answer) = exchange(&self.address, method, path, &headers, body.as_bytes());
        (status, serde_json::from_slice(&answer).unwrap_or(Json::Null))
    }

    /// An object; `Null` if there is none.
    pub fn get(&self, path: &str) -> Json {
        match self.request("GET", path, "application/json", "") {
            (200, object) => object,
            _ => Json::Null,
        }
    }

    /// Makes an object of this namespace, or says why the server refuses it.
    pub fn create(&self, namespace: &str, object: &Json) -> Result<(), String> {
        let path = collection(namespace, object);
        match self.request("POST", &path, "application/json", &object.to_string()) {
            (200..=299, _) => Ok(()),
            (status, answer) => Err(format!(
                "{} {} is refused ({status}): {}",
                object["kind"], object["metadata"]["name"], answer["message"]
            )),
        }
    }

    /// Writes a file of a bucket; without a key it makes the bucket.
    pub fn put(&self, bucket: &str, key: &str, content: &str) {
        let path = format!("/{bucket}/{}", encoded(key));
        let path = if key.is_empty() { format!("/{bucket}") } else { path };
        let (status, answer) = exchange(&self.s3, "PUT", &path, S3_KEY, content.as_bytes());
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&answer));
    }

    /// The keys of a bucket below a prefix.
    pub fn keys(&self, bucket: &str, prefix: &str) -> Vec<String> {
        let path = format!("/{bucket}?list-type=2&max-keys=1000&prefix={}", encoded(prefix));
        let (_, answer) = exchange(&self.s3, "GET", &path, S3_KEY, b"");
        let text = String::from_utf8_lossy(&answer).into_owned();
        let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        keys.map(|(key, _)| {
            key.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#39;", "'")
                .replace("&#34;", "\"")
                .replace("&amp;", "&")
        })
        .collect()
    }
}

const S3_KEY: &str = "Authorization: AWS4-HMAC-SHA256 Credential=rig-access/x\r\n";

/// Where objects of that kind are.
fn collection(namespace: &str, object: &Json) -> String {
    let version = object["apiVersion"].as_str().unwrap();
    let root = if version == "v1" { "/api/v1".to_string() } else { format!("/apis/{version}") };
    let kind = object["kind"].as_str().unwrap().to_lowercase();
    match kind.as_str() {
        "namespace" => format!("{root}/namespaces"),
        kind => format!("{root}/namespaces/{namespace}/{kind}s"),
    }
}

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte))
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// One request with HTTP 1.0, so that the answer ends with the connection.
fn exchange(address: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> (u16, Vec<u8>) {
    for _ in 0..5 {
        let answer = TcpStream::connect(address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(60)))?;
            let head = format!(
                "{method} {path} HTTP/1.0\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            Ok(answer)
        });
        let Ok(answer) = answer else {
            std::thread::sleep(Duration::from_secs(1));
            continue;
        };
        let Some(at) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let status = std::str::from_utf8(&answer[9..12]).ok().and_then(|text| text.parse().ok());
        return (status.unwrap_or(0), answer[at + 4..].to_vec());
    }
    (0, Vec::new())
}
