//! A bare actix-web server: one handler that answers everything with the bytes
//! and the headers of one answer of ours. What our server does beside that is
//! the difference of the two.
//!
//! `bare http://HOST:PORT/PATH` asks for the answer, prints `listening on
//! http://…` and serves until it is killed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpResponse, HttpServer, web};

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let address = std::env::args().nth(1).ok_or("bare http://HOST:PORT/PATH")?;
    let rest = address.strip_prefix("http://").ok_or("the address must begin with http://")?;
    let (host, path) = rest.split_once('/').ok_or("the address has no path")?;
    let (headers, body) = get(host, path)?;
    // What the framework writes by itself.
    let own = ["date", "content-length", "transfer-encoding"];
    let headers: Vec<(HeaderName, HeaderValue)> = headers
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| Ok((HeaderName::try_from(name)?, HeaderValue::try_from(value)?)))
        .collect::<Outcome<_>>()?;
    let body = web::Bytes::from(body);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let server = HttpServer::new(move || {
        let (headers, body) = (headers.clone(), body.clone());
        App::new().default_service(web::to(move || {
            let mut response = HttpResponse::Ok();
            for (name, value) in &headers {
                response.insert_header((name.clone(), value.clone()));
            }
            let response = response.body(body.clone());
            async move { response }
        }))
    })
    .listen(listener)?
    .run();
    Ok(actix_web::rt::System::new().block_on(server)?)
}

/// Names and values.
type Headers = Vec<(String, String)>;

/// The headers and bytes of an answer, which must be a 200.
fn get(host: &str, path: &str) -> Outcome<(Headers, Vec<u8>)> {
    let mut stream = TcpStream::connect(host)?;
    stream.write_all(format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line)?;
    if !line.contains(" 200 ") {
        return Err(format!("/{path}: {}", line.trim()).into());
    }
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        if !name.eq_ignore_ascii_case("connection") {
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let mut body = Vec::new();
    stream.read_to_end(&mut body)?;
    Ok((headers, body))
}
