import java.lang.foreign.*;
import java.lang.invoke.MethodHandle;

/** A host that ends while a call is under way on another thread; Java 22 or later. The arguments are those of exits.py. */
public class Exits {
    static final Arena arena = Arena.global();
    static final SymbolLookup library = SymbolLookup.libraryLookup("libetoauth.so.1", arena);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    /** A handle is a number, and so are lengths. */
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final AddressLayout TEXT = ValueLayout.ADDRESS;

    static Object call(String name, MemoryLayout[] types, Object... arguments) {
        MethodHandle function = Linker.nativeLinker().downcallHandle(
            library.find("etoauth_" + name).orElseThrow(), FunctionDescriptor.of(INT, types));
        try {
            return function.invokeWithArguments(arguments);
        } catch (Throwable failed) {
            throw new RuntimeException(failed);
        }
    }

    static MemoryLayout[] types(MemoryLayout... types) {
        return types;
    }

    static MemorySegment text(String text) {
        return arena.allocateFrom(text);
    }

    static void get(long client) {
        MemorySegment error = arena.allocate(512), response = arena.allocate(LONG);
        Object status = call("client_send", types(LONG, TEXT, TEXT, TEXT, TEXT, LONG, TEXT), client, text("GET"),
            text("/v1/x"), MemorySegment.NULL, MemorySegment.NULL, 0L, response);
        call("client_last_error", types(LONG, TEXT, TEXT, LONG, TEXT), client, MemorySegment.NULL, error, 512L,
            MemorySegment.NULL);
        System.out.println("ended " + status + " " + error.getString(0));
    }

    static void cancel(long client) {
        System.out.println("hook");
        call("client_cancel", types(LONG), client);
    }

    public static void main(String[] arguments) throws Exception {
        String way = arguments[0];
        MemorySegment url = text(arguments[1]), out = arena.allocate(LONG);
        call("client_new", types(INT, TEXT, TEXT, TEXT), 1, text("key"), text("secret"), out);
        long client = out.get(LONG, 0);
        call("client_set_base_urls", types(LONG, TEXT, TEXT, TEXT), client, url, MemorySegment.NULL, url);
        call("client_set_proxy", types(LONG, TEXT), client, text(""));
        call("client_set_access_token", types(LONG, TEXT, TEXT, LONG), client, text("token"), text("secret"), 0L);
        call("client_set_timeout_ms", types(LONG, INT), client, Integer.parseInt(arguments[2]));

        if (way.contains("shutdown hook"))
            Runtime.getRuntime().addShutdownHook(new Thread(() -> cancel(client)));
        if (way.contains("one carrier"))
            for (String limit : new String[] {"parallelism", "maxPoolSize"})
                System.setProperty("jdk.virtualThreadScheduler." + limit, "1");
        Thread.Builder thread = way.contains("virtual") ? Thread.ofVirtual()
            : Thread.ofPlatform().daemon(way.contains("daemon"));
        Thread first = thread.start(() -> get(client)), second = null;
        if (way.startsWith("two"))
            second = thread.start(() -> {
                System.out.println("second");
                get(client);
            });
        System.in.read();
        System.out.println("leaving");
        if (way.contains("System.exit"))
            System.exit(0);
        if (way.contains("cancel"))
            cancel(client);
        if (way.contains("join"))
            first.join();
        if (second != null)
            second.join();
    }
}
