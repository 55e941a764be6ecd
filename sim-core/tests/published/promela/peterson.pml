/* Peterson's lock for two (Information Processing Letters 12(3), 1981), as in ../peterson.rs: one
   statement for each step of the model. With -DGIVES_WAY_FIRST, each gives way before it says that it
   wants to enter. */

bool wants[2];
byte turn;

active [2] proctype process() {
    do
    :: skip;
#ifdef GIVES_WAY_FIRST
       turn = 1 - _pid;
       wants[_pid] = true;
#else
       wants[_pid] = true;
       turn = 1 - _pid;
#endif
       (!wants[1 - _pid] || turn == _pid);
critical: skip;
leaves: wants[_pid] = false
    od
}

#define INSIDE(p) (process[p]@critical || process[p]@leaves)

ltl holds { [] !(INSIDE(0) && INSIDE(1)) }

ltl served { [] (wants[0] -> <> process[0]@critical) }
