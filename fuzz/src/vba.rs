//! The functions for VBA, as Excel calls them: with numbers, most of which are addresses of texts and variables.
//!
//! Up to the first blank line each four bytes are a call: which, with which texts, with which variable. The lines that
//! follow are the texts; one that begins with # is taken as UTF-16, whatever it holds.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{SysAllocStringLen, SysFreeString, SysStringByteLen};
use windows_sys::core::BSTR;

use crate::abi::{
    self, etoauth_client_export_session, etoauth_client_free, etoauth_live_objects, etoauth_percent_encode,
};
use crate::split_head;
use crate::wire::Server;

unsafe extern "C" {
    fn etoauth_vb_advice(status: i32, advice: *mut i32) -> i32;
    fn etoauth_vb_close(client: isize) -> i32;
    fn etoauth_vb_ensure_active(client: isize, for_seconds: i32) -> i32;
    fn etoauth_vb_export_session(client: isize, text: isize) -> i32;
    fn etoauth_vb_import_session(client: isize, text: isize) -> i32;
    fn etoauth_vb_last_error(text: isize) -> i32;
    fn etoauth_vb_listen(client: isize, callback_url: isize, listener: *mut isize) -> i32;
    fn etoauth_vb_login(client: isize, verifier: isize) -> i32;
    fn etoauth_vb_login_url(client: isize, url: isize) -> i32;
    fn etoauth_vb_open(env: i32, key: isize, secret: isize, client: *mut isize) -> i32;
    fn etoauth_vb_percent_encode(text: isize, out: isize) -> i32;
    fn etoauth_vb_poll(listener: isize, client: isize, redirected_url: isize) -> i32;
    fn etoauth_vb_read_log(client: isize, text: isize) -> i32;
    fn etoauth_vb_renew(client: isize) -> i32;
    fn etoauth_vb_revoke(client: isize) -> i32;
    fn etoauth_vb_send(
        client: isize,
        method: isize,
        url: isize,
        headers: isize,
        body: isize,
        http_status: *mut i32,
        body_out: isize,
    ) -> i32;
    fn etoauth_vb_set_base_urls(client: isize, oauth: isize, authorize: isize, api: isize) -> i32;
    fn etoauth_vb_set_ca_file(client: isize, pem_path: isize) -> i32;
    fn etoauth_vb_set_proxy(client: isize, url: isize) -> i32;
    fn etoauth_vb_set_session_file(client: isize, path: isize) -> i32;
    fn etoauth_vb_set_timeout_ms(client: isize, timeout_ms: i32) -> i32;
    fn etoauth_vb_sign(client: isize, method: isize, url: isize, header: isize) -> i32;
    fn etoauth_vb_token_state(client: isize, state: *mut i32, inactive: *mut i32, expires: *mut i32) -> i32;
    fn etoauth_vb_unlisten(listener: isize) -> i32;
    fn etoauth_vb_version(text: isize) -> i32;
}

pub fn run(data: &[u8]) {
    let server = Server::get();
    server.answers(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\xe2\x82\xac \xff\xf0 {}".to_vec()]);
    let (_, texts) = split_head(data);
    let calls = &data[..data.len() - texts.len()];
    // SAFETY: it takes nothing.
    let before = unsafe { etoauth_live_objects() };
    let mut workbook = Workbook::open(&server.base, texts);
    for call in calls.chunks_exact(4).take(60) {
        workbook.call(call[0], call[1], call[2], call[3]);
    }
    workbook.close();
    // SAFETY: as above.
    assert_eq!(unsafe { etoauth_live_objects() }, before, "something was left");
}

/// What a workbook holds.
struct Workbook {
    texts: Vec<Text>,
    /// String variables.
    strings: [BSTR; 3],
    /// A client whose servers are on this machine, which makes the requests.
    client: isize,
    /// A client whose settings may become anything, and which makes no request.
    settings: isize,
    listener: isize,
}

/// A text of VBA's, freed by its drop.
struct Text(BSTR);

impl Text {
    fn new(units: &[u16]) -> Text {
        // SAFETY: they are so many.
        Text(unsafe { SysAllocStringLen(units.as_ptr(), units.len() as u32) })
    }

    fn of(text: &str) -> Text {
        Text::new(&text.encode_utf16().collect::<Vec<u16>>())
    }

    /// A line of the input.
    fn line(line: &[u8]) -> Text {
        match line {
            [b'#', units @ ..] => {
                Text::new(&units.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect::<Vec<u16>>())
            }
            line => Text::of(&String::from_utf8_lossy(line)),
        }
    }

    fn address(&self) -> isize {
        self.0.expose_provenance() as isize
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        // SAFETY: it was allocated as one and is freed once.
        unsafe { SysFreeString(self.0) };
    }
}

fn units<'a>(text: BSTR) -> &'a [u16] {
    if text.is_null() {
        return &[];
    }
    // SAFETY: it is a text, and no call changes it as long as the result is used.
    unsafe { std::slice::from_raw_parts(text, SysStringByteLen(text) as usize / 2) }
}

impl Workbook {
    fn open(base_url: &str, texts: &[u8]) -> Workbook {
        let (key, base, none) = (Text::of("key"), Text::of(base_url), Text::of(""));
        let (mut client, mut settings) = (0, 0);
        // SAFETY: texts and variables are alive.
        unsafe {
            assert_eq!(etoauth_vb_open(abi::SANDBOX, key.address(), key.address(), &mut client), abi::OK);
            assert_eq!(etoauth_vb_open(abi::SANDBOX, key.address(), key.address(), &mut settings), abi::OK);
            assert_eq!(etoauth_vb_set_base_urls(client, base.address(), base.address(), base.address()), abi::OK);
            assert_eq!(etoauth_vb_set_proxy(client, none.address()), abi::OK);
            assert_eq!(etoauth_vb_import_session(client, logged_in(base_url).address()), abi::OK);
        }
        let texts = texts.split(|&byte| byte == b'\n').map(Text::line).collect();
        Workbook { texts, strings: [ptr::null(); 3], client, settings, listener: 0 }
    }

    /// The address of a text, or a number that is none.
    fn text(&self, with: u8) -> isize {
        match with {
            WRONG.. => wrong_address(with),
            with => self.texts[usize::from(with) % self.texts.len()].address(),
        }
    }

    fn call(&mut self, call: u8, with: u8, second: u8, place: u8) {
        let (client, settings) = (handle(self.client, place), handle(self.settings, place));
        let listener = handle(self.listener, place);
        let (text, other) = (self.text(with), self.text(second));
        let number = i32::from(with) - 70;
        let mut numbers = [0; 3];
        // SAFETY: numbers may be anything but addresses of memory that someone else changes or frees meanwhile.
        unsafe {
            match call % 25 {
                0 => self.open_and_close(number, text, other),
                1 => ended(etoauth_vb_set_base_urls(settings, text, other, text)),
                2 => ended(etoauth_vb_set_proxy(settings, text)),
                // No file is read or written.
                3 => ended(etoauth_vb_set_ca_file(settings, wrong_address(with))),
                4 => ended(etoauth_vb_set_session_file(settings, wrong_address(with))),
                5 => ended(etoauth_vb_set_timeout_ms(settings, number)),
                6 => ended(etoauth_vb_login(client, text)),
                7 => ended(self.give(place, |out| etoauth_vb_login_url(client, out))),
                8 => ended(etoauth_vb_import_session(client, text)),
                9 => self.carry_session(client, place),
                10 => ended(etoauth_vb_renew(client)),
                11 => ended(etoauth_vb_revoke(client)),
                12 => ended(etoauth_vb_ensure_active(client, number)),
                13 => {
                    let [state, inactive, expires] = &mut numbers;
                    ended(etoauth_vb_token_state(client, state, inactive, expires));
                }
                14 => ended(self.give(place, |out| etoauth_vb_sign(client, text, other, out))),
                15..=17 => self.send(client, with, other, place),
                18 => self.listen(client, text),
                19 => ended(self.give(place, |out| etoauth_vb_poll(listener, client, out))),
                20 => ended(self.give(place, |out| etoauth_vb_last_error(out))),
                21 => ended(self.give(place, |out| etoauth_vb_read_log(client, out))),
                22 => ended(self.give(place, |out| etoauth_vb_version(out))),
                23 => ended(etoauth_vb_advice(number, &mut numbers[0])),
                _ => self.encode(with, place),
            }
        }
    }

    fn open_and_close(&mut self, environment: i32, key: isize, secret: isize) {
        let mut made = 0;
        // SAFETY: as in `call`.
        unsafe {
            if abi::checked(etoauth_vb_open(environment, key, secret, &mut made)) {
                assert_eq!(etoauth_vb_close(made), abi::OK);
                assert_eq!(etoauth_vb_close(made), abi::E_HANDLE, "a second close is refused");
            }
        }
    }

    /// What a client exports, another imports.
    fn carry_session(&mut self, client: isize, place: u8) {
        // SAFETY: as in `call`.
        if abi::checked(self.give(place, |out| unsafe { etoauth_vb_export_session(client, out) })) {
            let session = self.variable(place).addr() as isize;
            // SAFETY: the variable holds a text.
            assert_eq!(unsafe { etoauth_vb_import_session(self.settings, session) }, abi::OK);
        }
    }

    fn send(&mut self, client: isize, with: u8, headers: isize, place: u8) {
        let method = Text::of(["GET", "POST", "DELETE"][usize::from(with) % 3]);
        let (url, body) = (Text::of("/v1/accounts"), self.text(with));
        let mut http_status = 0;
        // SAFETY: as in `call`.
        let status = self.give(place, |out| unsafe {
            etoauth_vb_send(client, method.address(), url.address(), headers, body, &mut http_status, out)
        });
        if abi::checked(status) {
            let text = String::from_utf16(units(self.variable(place))).expect("it is UTF-16");
            assert!(http_status == 200 && text == "\u{20ac} \u{fffd}\u{fffd} {}", "what is not UTF-8 is replaced");
        }
    }

    fn listen(&mut self, client: isize, callback: isize) {
        let mut made = 0;
        // SAFETY: as in `call`.
        if abi::checked(unsafe { etoauth_vb_listen(client, callback, &mut made) }) {
            self.unlisten();
            self.listener = made;
        }
    }

    fn unlisten(&mut self) {
        // SAFETY: it takes a number.
        assert_eq!(unsafe { etoauth_vb_unlisten(std::mem::take(&mut self.listener)) }, abi::OK);
    }

    /// Gives what the C function makes of the same text.
    fn encode(&mut self, with: u8, place: u8) {
        let text = self.text(with);
        // SAFETY: as in `call`.
        let encoded = abi::checked(self.give(place, |out| unsafe { etoauth_vb_percent_encode(text, out) }));
        if text == 0 || with >= WRONG || place >= WRONG {
            return;
        }
        let read = String::from_utf16(units(self.texts[usize::from(with) % self.texts.len()].0));
        let expected = read.ok().and_then(|text| CString::new(text).ok()).and_then(|text| {
            // SAFETY: the text is NUL-terminated.
            abi::text(|out: *mut *mut c_char| unsafe { etoauth_percent_encode(text.as_ptr(), out) })
        });
        let actual = encoded.then(|| String::from_utf16(units(self.variable(place))).expect("it is UTF-16"));
        assert_eq!(actual.map(String::into_bytes), expected);
    }

    fn variable(&self, place: u8) -> BSTR {
        self.strings[usize::from(place) % self.strings.len()]
    }

    /// Calls what gives a text, with one of the String variables or with a number that is none. A call that fails leaves
    /// the variable as it was.
    fn give(&mut self, place: u8, get: impl FnOnce(isize) -> i32) -> i32 {
        if place >= WRONG {
            let status = get(wrong_address(place));
            assert_ne!(status, abi::OK, "it wrote to what is no variable");
            return status;
        }
        let before = self.variable(place);
        let at = usize::from(place) % self.strings.len();
        let variable: *mut BSTR = &mut self.strings[at];
        let status = get(variable.expose_provenance() as isize);
        if status == abi::OK {
            assert!(!self.variable(place).is_null() && !units(self.variable(place)).contains(&0));
        } else {
            assert_eq!(self.variable(place), before, "an output was written by a call that failed");
        }
        status
    }

    fn close(mut self) {
        self.unlisten();
        for client in [self.client, self.settings] {
            // SAFETY: it takes a number.
            assert_eq!(unsafe { etoauth_vb_close(client) }, abi::OK);
        }
        for text in self.strings {
            drop(Text(text));
        }
    }
}

/// A session with an access token.
fn logged_in(base: &str) -> Text {
    let client = abi::local_client(base);
    // SAFETY: the client is alive, and freed once.
    unsafe {
        let session = abi::text(|out| etoauth_client_export_session(client, out)).expect("it has a session");
        assert_eq!(etoauth_client_free(client), abi::OK);
        Text::line(&session)
    }
}

fn ended(status: i32) {
    abi::checked(status);
}

/// From here on a byte stands for what is no address of a text or of a variable.
const WRONG: u8 = 220;

/// A handle, or what is none.
fn handle(handle: isize, place: u8) -> isize {
    match place {
        250 => 0,
        251 => handle.wrapping_add(8),
        252 => wrong_address(place),
        _ => handle,
    }
}

/// Numbers that are no address of a text or of a variable: small ones, odd ones, memory that is not there, that may
/// not be written, and that ends before the text does.
fn wrong_address(with: u8) -> isize {
    static READ_ONLY: [u16; 4] = [0xfff0, 0x7fff, 0x41, 0];
    static UNSET: [u64; 2] = [0; 2];
    static EDGE: OnceLock<usize> = OnceLock::new();
    let edge = *EDGE.get_or_init(last_word_of_a_page);
    match with % 9 {
        0 => 0,
        1 => 1,
        2 => 3,
        3 => -2,
        4 => isize::MIN + 2,
        // Its length would be 2 GB.
        5 => READ_ONLY[2..].as_ptr().expose_provenance() as isize,
        // As a variable it would hold an unset String, as a text it is empty.
        6 => UNSET[1..].as_ptr().expose_provenance() as isize,
        7 => edge as isize,
        _ => (edge + 4) as isize,
    }
}

/// The end of a page, after which there is nothing; a text there would have 4,096 bytes.
fn last_word_of_a_page() -> usize {
    const PAGE: usize = 4096;
    // SAFETY: new memory, which is kept for good; the length is written within it.
    unsafe {
        let (flags, access) = (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, libc::PROT_READ | libc::PROT_WRITE);
        let pages = libc::mmap(ptr::null_mut(), 2 * PAGE, access, flags, -1, 0);
        assert!(pages != libc::MAP_FAILED && libc::mprotect(pages.byte_add(PAGE), PAGE, libc::PROT_NONE) == 0);
        let edge = pages.byte_add(PAGE);
        edge.cast::<u32>().sub(1).write(PAGE as u32);
        edge.expose_provenance()
    }
}
