/* One call. Arguments: the peer's URL, the method, the status expected, a part of its sentence. */
#include "peer.h"

int main(int argc, char **argv)
{
    etoauth_client *c;

    CHECK(argc == 5);
    c = client_for(argv[1]);
    EXPECT(ask(c, argv[2]), atoi(argv[3]));
    SENTENCE(argv[4]);
    OK(etoauth_client_free(c));
    puts("as expected");
    return 0;
}
