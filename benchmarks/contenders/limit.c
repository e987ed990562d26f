/* As fast as a chat can be: epoll, everything read that is there, and one send for each receiver
 * and turn of the loop, of all complete lines that came in the turn. No names, no history, no
 * times: what anybody says goes to everybody, as it is. `limit` listens on a free port of the
 * loopback and prints `listening on 127.0.0.1:PORT`. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, EVENTS = 1024, LINE = 8192, CHUNK = 65536, JOINED = 64 << 20 };

struct person {
    int begun;           /* bytes of a line that is not complete */
    char line[LINE];     /* those bytes */
    char *unsent;        /* what the socket did not take */
    size_t unsent_bytes;
};

static struct person *people[MOST];
static char joined[JOINED];
static size_t joined_bytes;
static int epoll;
static int highest;

static void leave(int fd)
{
    free(people[fd]->unsent);
    free(people[fd]);
    people[fd] = NULL;
    close(fd);
}

static void await(int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

/* Send, and keep what the socket does not take. */
static void tell(int fd, const char *bytes, size_t count)
{
    struct person *person = people[fd];
    ssize_t sent = person->unsent ? 0 : send(fd, bytes, count, MSG_NOSIGNAL);
    if (sent < 0)
        sent = 0;
    if ((size_t)sent == count)
        return;
    size_t left = count - sent;
    person->unsent = realloc(person->unsent, person->unsent_bytes + left);
    memcpy(person->unsent + person->unsent_bytes, bytes + sent, left);
    person->unsent_bytes += left;
    await(fd, EPOLLIN | EPOLLOUT);
}

static void tell_rest(int fd)
{
    struct person *person = people[fd];
    char *unsent = person->unsent;
    size_t count = person->unsent_bytes;
    person->unsent = NULL;
    person->unsent_bytes = 0;
    await(fd, EPOLLIN);
    if (unsent)
        tell(fd, unsent, count);
    free(unsent);
}

static void accept_all(int listener)
{
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (fd >= MOST) {
            close(fd);
            continue;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        people[fd] = calloc(1, sizeof *people[fd]);
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        if (fd > highest)
            highest = fd;
        tell(fd, "welcome\n", 8);
    }
}

/* Read once; complete lines join those of the others, the rest waits. */
static void hear(int fd)
{
    static char chunk[LINE + CHUNK];
    struct person *person = people[fd];
    memcpy(chunk, person->line, person->begun);
    ssize_t count = recv(fd, chunk + person->begun, CHUNK, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0) {
        leave(fd);
        return;
    }
    count += person->begun;
    char *end = memrchr(chunk, '\n', count);
    size_t complete = end ? (size_t)(end + 1 - chunk) : 0;
    person->begun = count - complete;
    if (person->begun > LINE || joined_bytes + complete > JOINED) {
        leave(fd);
        return;
    }
    memcpy(person->line, chunk + complete, person->begun);
    memcpy(joined + joined_bytes, chunk, complete);
    joined_bytes += complete;
}

static void tell_everybody(void)
{
    for (int fd = 0; fd <= highest; fd++)
        if (people[fd])
            tell(fd, joined, joined_bytes);
    joined_bytes = 0;
}

static int listening(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024) ||
        getsockname(listener, (struct sockaddr *)&address, &size)) {
        perror("limit");
        exit(1);
    }
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(void)
{
    static struct epoll_event events[EVENTS];
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    int listener = listening();
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int index = 0; index < count; index++) {
            int fd = events[index].data.fd;
            if (fd == listener)
                accept_all(listener);
            else if (events[index].events & EPOLLOUT)
                tell_rest(fd);
            else if (people[fd])
                hear(fd);
        }
        if (joined_bytes)
            tell_everybody();
    }
}
