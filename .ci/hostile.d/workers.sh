# Workers that hang, lie, leave and close, and what must end on time whatever they do.

runs=0

# on_time SECONDS CODES COMMAND...: ends within two seconds of SECONDS, with one of CODES (as 0|1).
on_time() {
  local seconds=$1 codes=$2 found=0 begin end
  shift 2
  begin=$(date +%s%N)
  timeout -s KILL 60 "$@" > "$work/out" 2> "$work/error" || found=$?
  end=$(date +%s%N)
  [[ "|$codes|" == *"|$found|"* ]] || { tail -n 5 "$work/out" "$work/error"; fail "$*: exit code $found, not $codes"; }
  [ $(((end - begin) / 1000000)) -le $((seconds * 1000 + 2000)) ] \
    || fail "$*: ended after $(((end - begin) / 1000000)) ms, $seconds s were given"
}

# in_time CODES FLAGS...: a run of a second, or of so many.
in_time() {
  local codes=$1
  shift
  runs=$((runs + 1))
  on_time "${seconds:-1}" "$codes" "$gdr" fuzz --for "${seconds:-1}s" --size "${size:-small}" --jobs 2 --corpus "${corpus:-$work/late$runs}" "$@"
}

for way in mute hello; do
  in_time 65 --against "$(bad $way)"
  one_line "before the answer did" "$way"
done
for way in answer group child; do
  in_time 65 --against "$(bad $way)"
  one_line "nothing was evaluated" "$way"
done
# One that answers a few, and a failure that is reduced, reproduced in fresh processes and explained meanwhile.
seconds=2 in_time 1 --against "$(bad later)"
seconds=3 in_time 1 --against "$(bad slow)"
seconds=3 in_time 1 --profile ci --against "$(bad slow)"
in_time 65 --profile ci --against "$(bad answer)"
# What a saved case asks of a worker that hangs.
mkdir -p "$work/asked/known" "$work/asked/regression"
cp "$sample" "$work/asked/known"
owner=$(sed -n 's/.*"implementation" : "\(.*\)",/\1/p' "$sample")
corpus=$work/asked in_time 65 --profile ci --against "$owner=python3 $work/misbehaving.py answer"
# A built-in implementation on a case that takes minutes.
size=large in_time "0|65" --only sequential --families Hk16-Hv32-Dk128-Dv128/f32
echo "ok  $runs runs end on time: hangs at hello, in an answer, in reducing, in a saved case, a large case"

# signalled SIGNAL CODES FLAGS...: the signal after a second, or after so many.
signalled() {
  local signal=$1 codes=$2
  shift 2
  runs=$((runs + 1))
  on_time "${after:-1}" "$codes" timeout -s "$signal" --preserve-status "${after:-1}" "$gdr" fuzz --size "${size:-small}" --jobs 2 \
    --corpus "$work/late$runs" "$@"
}
signalled TERM 130 --for 1h --against "$(bad mute)"
signalled INT 130 --for 1h --against "$(bad answer)"
size=large signalled TERM 130 --for 1h --only sequential --families Hk16-Hv32-Dk128-Dv128/f32
after=4 signalled TERM 1 --profile nightly --for 1h --against "$(bad slow)"
for words in "replay $recipe --only w" "explain $recipe --only w" "shrink $recipe --only w" "search --only w" "check"; do
  for signal in INT TERM; do
    # shellcheck disable=SC2086
    on_time 1 "130|143" timeout -s $signal --preserve-status 0.5 "$gdr" $words --against "$(bad answer)"
  done
done
echo "ok  signals end a run, and every other command, at once"

# quick CODE PATTERN FLAGS...: one line, long before any deadline.
quick() {
  local code=$1 pattern=$2
  shift 2
  on_time 20 "$code" "$gdr" fuzz --cases 20 --size small --jobs 2 --corpus "$work/late0" "$@"
  one_line "$pattern" "$*"
}
quick 65 "cannot run the command" --against 'w=pyhton3 worker.py'
quick 65 "exited with status 3" --against 'w=exit 3'
quick 65 "form" --against "$(bad form)"
quick 65 "no frame" --against 'w=yes'
# Those that say who they are are findings when they leave, and are told from what we did to them.
on_time 20 1 "$gdr" fuzz --cases 3 --size small --jobs 1 --corpus "$work/leaves" --deadline 5s \
  --against "$(bad status)"
grep -q "exited with status 3" "$work/out" || fail "exit status 3 is not told"
on_time 20 1 "$gdr" fuzz --cases 3 --size small --jobs 1 --corpus "$work/closes" --deadline 5s \
  --against "w=exec python3 $work/misbehaving.py closed"
grep -q "closed its standard output" "$work/out" || fail "a closed standard output is not told"
on_time 20 1 "$gdr" fuzz --cases 3 --size small --jobs 1 --corpus "$work/endless" --against "$(bad seconds)"
left=$(pgrep -cf "$work/misbehaving.py" || true)
[ "$left" = 0 ] || fail "$left workers are still there"
echo "ok  workers that cannot be started, leave or close: one line each, and none is left behind"

# Asking what a worker takes is part of the time, and that it was waited for is said.
seconds=4 in_time 65 --against "$(bad answer)"
grep -q "had not answered the last case" "$work/out" || fail "a run that ended waiting does not say for whom"
if [ -e "$work/worker.py" ]; then
  expect 1 "conform of a worker that is wrong" "$gdr" conform "python3 $work/worker.py"
  grep -q "answers are wrong" "$work/out" || fail "conform calls a worker ready that is wrong"
fi
expect 64 "conform of nothing" "$gdr" conform ' '

# Every line that a run prints, pasted, shows what it says.
if [ -e "$work/worker.py" ]; then
  spaced="$work/a folder's worker.py"
  cp "$work/worker.py" "$spaced"
  quoted=${spaced//\'/\'\\\'\'}
  expect 1 "a faulty worker" "$gdr" fuzz --cases 60 --seed 1 --size small --corpus "$work/pasted" \
    --against "mine=python3 '$quoted'" --as plain
  grep -oE '^ *gdr (replay|explain) .*' "$work/out" | sort -u > "$work/lines" || fail "a finding without a line that replays it"
  while read -r line; do
    expect 1 "$line" bash -c "gdr() { '$gdr' \"\$@\"; }; $line" < /dev/null
  done < "$work/lines"
  file=$(find "$work/pasted/found" -name '*.json' | head -1)
  for command in replay explain shrink; do
    expect 1 "$command of what was saved" "$gdr" $command "$file" --against "mine=python3 '$quoted'"
  done
  expect 65 "explain without the worker" "$gdr" explain "$file"
  one_line "which is not here: gdr explain" "explain without the worker"
  echo "ok  $(wc -l < "$work/lines") printed lines pasted, a worker in a folder with a quote in its name among them"
fi
