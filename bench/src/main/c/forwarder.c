/*
 * The bare forwarder: receives UDP datagrams and sends each to all receivers of its sender's route. No ICE, no DTLS,
 * no SRTP, no feedback: what any media server on this kernel pays at least. One socket, one thread.
 *
 *   "P<route>"  the sender publishes on a route        "?"  is it there
 *   "S<route>"  the sender receives a route            all three are echoed
 *   first byte 128 to 191: RTP, forwarded as it is
 *
 * cc -O2 -o forwarder forwarder.c && ./forwarder PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 32, OUT = 512, SLOT = 2048, SENDERS = 1 << 15, ROUTES = 1 << 13 };

struct route {
    struct sockaddr_in *receivers;
    int count;
    int room;
};

struct sender {
    uint64_t key;
    int route;
};

static struct route routes[ROUTES];
static struct sender senders[SENDERS];
static char slots[BATCH][SLOT];
static struct sockaddr_in from[BATCH];
static struct iovec in_vectors[BATCH];
static struct mmsghdr in_headers[BATCH];
static struct iovec out_vectors[OUT];
static struct mmsghdr out_headers[OUT];
static int pending;
static int udp;

static struct sender *find(const struct sockaddr_in *address) {
    uint64_t key = ((uint64_t) address->sin_addr.s_addr << 16 | address->sin_port) + 1;
    uint64_t at = key * 0x9E3779B97F4A7C15ull >> 49;
    for (int i = 0; i < SENDERS; i++, at = (at + 1) & (SENDERS - 1)) {
        if (senders[at].key == key || senders[at].key == 0) {
            if (senders[at].key == 0) {
                senders[at].key = key;
                senders[at].route = -1;
            }
            return &senders[at];
        }
    }
    return NULL;
}

static void flush_out(void) {
    int sent = 0;
    while (sent < pending) {
        int taken = sendmmsg(udp, out_headers + sent, pending - sent, 0);
        /* A datagram the kernel refuses is given up, the others go on. */
        sent += taken > 0 ? taken : 1;
    }
    pending = 0;
}

static void forward(int index, int length) {
    struct sender *sender = find(&from[index]);
    if (sender == NULL || sender->route < 0) {
        return;
    }
    struct route *route = &routes[sender->route];
    for (int i = 0; i < route->count; i++) {
        if (pending == OUT) {
            flush_out();
        }
        out_vectors[pending].iov_base = slots[index];
        out_vectors[pending].iov_len = length;
        out_headers[pending].msg_hdr.msg_name = &route->receivers[i];
        pending++;
    }
}

static void join(int index, int length) {
    slots[index][length] = 0;
    int number = atoi(slots[index] + 1);
    struct sender *sender = find(&from[index]);
    if (sender == NULL || number < 0 || number >= ROUTES) {
        return;
    }
    struct route *route = &routes[number];
    if (slots[index][0] == 'P') {
        sender->route = number;
    } else if (slots[index][0] == 'S') {
        for (int i = 0; i < route->count; i++) {
            if (memcmp(&route->receivers[i], &from[index], sizeof from[index]) == 0) {
                goto echo;
            }
        }
        if (route->count == route->room) {
            int room = route->room == 0 ? 8 : 2 * route->room;
            struct sockaddr_in *more = realloc(route->receivers, room * sizeof *more);
            if (more == NULL) {
                return;
            }
            route->receivers = more;
            route->room = room;
        }
        route->receivers[route->count++] = from[index];
    }
echo:
    sendto(udp, slots[index], length, 0, (struct sockaddr *) &from[index], sizeof from[index]);
}

int main(int count, char **words) {
    struct sockaddr_in local = {.sin_family = AF_INET};
    int size = 4 << 20;
    if (count != 2) {
        fprintf(stderr, "forwarder PORT\n");
        return 2;
    }
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sin_port = htons(atoi(words[1]));
    udp = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (udp < 0 || bind(udp, (struct sockaddr *) &local, sizeof local) != 0) {
        perror("forwarder");
        return 1;
    }
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i].iov_base = slots[i];
        in_vectors[i].iov_len = SLOT - 1;
        in_headers[i].msg_hdr.msg_iov = &in_vectors[i];
        in_headers[i].msg_hdr.msg_iovlen = 1;
        in_headers[i].msg_hdr.msg_name = &from[i];
    }
    for (int i = 0; i < OUT; i++) {
        out_headers[i].msg_hdr.msg_iov = &out_vectors[i];
        out_headers[i].msg_hdr.msg_iovlen = 1;
        out_headers[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
    }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            in_headers[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
        }
        int received = recvmmsg(udp, in_headers, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++) {
            int length = in_headers[i].msg_len;
            unsigned char first = length > 0 ? slots[i][0] : 0;
            if (first >= 128 && first < 192) {
                forward(i, length);
            } else if (length > 0) {
                join(i, length);
            }
        }
        flush_out();
    }
}
