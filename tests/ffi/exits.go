// A host that ends while a call is under way on another goroutine. The arguments are those of exits.py.
package main

/*
#include <stdlib.h>
#include "etoauth.h"

// Go's garbage collector follows pointers, and a handle is none: Go keeps it as a number.
static uintptr_t open_client(const char *url, uint32_t timeout_ms)
{
    etoauth_client *c = NULL;

    if (etoauth_client_new(ETOAUTH_ENV_LIVE, "key", "secret", &c) || etoauth_client_set_base_urls(c, url, NULL, url) ||
        etoauth_client_set_proxy(c, "") || etoauth_client_set_access_token(c, "token", "secret", 0) ||
        etoauth_client_set_timeout_ms(c, timeout_ms))
        abort();
    return (uintptr_t)c;
}

// One crossing for a call and its error: a goroutine can be moved to another thread between two.
static etoauth_status get(uintptr_t c, const char *path, char *error, size_t cap)
{
    etoauth_response *r = NULL;
    etoauth_status status = etoauth_client_send((etoauth_client *)c, "GET", path, NULL, NULL, 0, &r);

    etoauth_last_error(NULL, error, cap, NULL);
    etoauth_response_free(r);
    return status;
}

static void cancel(uintptr_t c)
{
    etoauth_client_cancel((etoauth_client *)c);
}
*/
import "C"

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"unsafe"
)

func main() {
	way, url := os.Args[1], C.CString(os.Args[2])
	timeout, _ := strconv.Atoi(os.Args[3])
	client := C.open_client(url, C.uint32_t(timeout))
	ended := make(chan bool)
	go func() {
		var text [C.ETOAUTH_ERROR_MAX]byte
		path := C.CString("/v1/x")
		defer C.free(unsafe.Pointer(path))
		status := C.get(client, path, (*C.char)(unsafe.Pointer(&text[0])), C.size_t(len(text)))
		fmt.Println("ended", status, C.GoString((*C.char)(unsafe.Pointer(&text[0]))))
		close(ended)
	}()
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("leaving")
	switch way {
	case "return":
	case "os.Exit":
		os.Exit(0)
	case "wait":
		<-ended
	case "cancel":
		C.cancel(client)
		<-ended
	}
}
