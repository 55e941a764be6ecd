/* Two-phase commit of three resource managers (Gray and Lamport, ACM TODS 31(1), 2006, section 3), as
   in ../commit.rs: one process, each of whose steps is an action of the model, so that Spin's states
   are the model's. With -DHASTY, the transaction manager commits as soon as anybody has prepared. */

#define MANAGERS 3
#define ALL 7

#define WORKING 0
#define PREPARED 1
#define COMMITTED 2
#define ABORTED 3

#ifdef HASTY
#define ENOUGH (received != 0)
#else
#define ENOUGH (received == ALL)
#endif

byte manager[MANAGERS];
byte decided;  /* the transaction manager: WORKING, COMMITTED or ABORTED */
byte received; /* of whom it has received that they are prepared */
byte sent;     /* who has sent that */

#define STEPS(i) \
    :: d_step { decided == WORKING && (sent & (1 << i)) -> received = received | (1 << i) } \
    :: d_step { manager[i] == WORKING -> manager[i] = PREPARED; sent = sent | (1 << i) } \
    :: d_step { manager[i] == WORKING -> manager[i] = ABORTED } \
    :: d_step { decided == COMMITTED -> manager[i] = COMMITTED } \
    :: d_step { decided == ABORTED -> manager[i] = ABORTED }

active proctype steps() {
    do
    :: d_step { decided == WORKING && ENOUGH -> decided = COMMITTED }
    :: d_step { decided == WORKING -> decided = ABORTED }
    STEPS(0)
    STEPS(1)
    STEPS(2)
    od
}

#define ANY(s) (manager[0] == s || manager[1] == s || manager[2] == s)

ltl holds { [] !(ANY(COMMITTED) && ANY(ABORTED)) }
