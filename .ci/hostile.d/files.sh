# What is no file where a file is expected, standard descriptors that are closed, records that were touched.

odd=$work/odd
mkdir "$odd"
mkfifo "$odd/pipe"
ln -s ring "$odd/ring"
ln -s /dev/zero "$odd/zero"
ln -s "$odd/pipe" "$odd/link"
mkdir "$odd/folder"
expect 0 "a record" "$gdr" fuzz --cases 60 --seed 1 --controls --only chunked-sb32,sequential --size small \
  --jobs 1 --corpus "$work/recorded" --report "$work/run.json"
here() { (cd "$work" && "$gdr" "$@"); }
expect 0 "a name of one letter" here export "$recipe" --to x
expect 65 "a name of one point" here export "$recipe" --to .
expect 0 "a case" "$gdr" export "$recipe" --to "$work/case.safetensors"
count=0
for place in pipe ring zero link folder; do
  file=$odd/$place
  for words in "replay $file" "explain $file" "report $file" "merge-reports $file --to $work/m.json" "check $file" \
    "eval $file --implementation sequential --to $work/o" "report $work/run.json --html $file" \
    "report $work/run.json --junit $file" "report $work/run.json --sarif $file" \
    "merge-reports $work/run.json --to $file" "export $recipe --to $file" \
    "fuzz --cases 2 ${few[*]} --observations $file" "fuzz --cases 2 ${few[*]} --state $file" \
    "fuzz --cases 2 ${few[*]} --report $file"; do
    # A folder is what some of them take.
    [ $place != folder ] || [[ ! "$words" =~ ^(replay|check|fuzz.*(state|report)) ]] || continue
    # shellcheck disable=SC2086
    expect 65 "$words" timeout 10 "$gdr" $words
    [ "$(wc -l < "$work/error")" -le 2 ] || { cat "$work/error"; fail "$words: more than two lines"; }
    count=$((count + 1))
  done
done
[ -p "$odd/pipe" ] && [ -L "$odd/ring" ] && [ -L "$odd/zero" ] && [ -L "$odd/link" ] || fail "what was no file was replaced"
mkdir -p "$odd/corpus/known"
cp "$sample" "$odd/corpus/known"
mkfifo "$odd/corpus/known/pipe.json"
ln -s ring.json "$odd/corpus/known/ring.json"
expect 65 "a corpus with a pipe and a ring in it" timeout 10 "$gdr" corpus check --corpus "$odd/corpus"
grep -q "^1 saved, 2 unreadable" "$work/out" || fail "a corpus with a pipe and a ring: $(cat "$work/out")"
echo "ok  pipes, rings, devices and folders in the place of files: $count times refused at once, none replaced"

# Whatever is closed, what the tool prints reaches no worker, and no false finding is saved.
for closed in '0<&-' '1>&-' '2>&-' '0<&- 1>&-' '0<&- 2>&-' '1>&- 2>&-' '0<&- 1>&- 2>&-'; do
  rm -rf "$work/closing"
  for against in "" "--against 'w=python3 Fixtures/workers/numpy_worker.py'"; do
    if [ -n "$against" ] && ! python3 -c 'import numpy' 2> /dev/null; then continue; fi
    found=0
    timeout 30 sh -c "exec '$gdr' fuzz --cases 5 --seed 1 --size small --jobs 1 --only sequential --corpus '$work/closing' \
      $against $closed" > /dev/null 2> "$work/error" || found=$?
    [ $found = 0 ] || { cat "$work/error"; fail "closed $closed: exit code $found"; }
    [ -z "$(ls "$work/closing/found")" ] || fail "closed $closed: a false finding"
  done
  found=0
  sh -c "exec '$gdr' nonsense $closed" > /dev/null 2>&1 || found=$?
  [ $found = 64 ] || fail "closed $closed: nonsense ends with $found"
done
echo "ok  standard descriptors closed in every way: no false finding"

# A state with one digit changed, of another plan, and a second night on the same date.
night=(--seed 20261126 --cases 40 --size small --jobs 1 --corpus "$work/nights" --state "$work/night.json")
expect 0 "a night" "$gdr" fuzz "${night[@]}" --only sequential
cp "$work/night.json" "$work/kept.json"
for touched in 's/"agrees":\([0-9]*\)[0-9]/"agrees":\17/' 's/"cases":4/"cases":5/' 's/"seed":2/"seed":3/'; do
  sed "$touched" "$work/kept.json" > "$work/night.json"
  ! cmp -s "$work/kept.json" "$work/night.json" || continue
  expect 65 "a touched state" "$gdr" fuzz "${night[@]}" --only sequential
  one_line "night.json" "a touched state"
  expect 65 "a touched record" "$gdr" report "$work/night.json"
done
cp "$work/kept.json" "$work/night.json"
expect 65 "a night again" "$gdr" fuzz "${night[@]}" --only sequential
one_line "came to its end" "a night again"
expect 65 "the state of another plan" "$gdr" fuzz "${night[@]}" --only fused
one_line "of another run" "the state of another plan"
expect 65 "the state of other families" "$gdr" fuzz "${night[@]}" --only sequential --families Hk1-Hv1-Dk4-Dv4/f32
one_line "of another run" "the state of other families"
night=(--profile nightly --cases 20 --size small --jobs 1 --corpus "$work/nightly")
first="$(bad honest)"
expect 1 "a night with a worker" "$gdr" fuzz "${night[@]}" --against "$first"
expect 65 "the same night again" "$gdr" fuzz "${night[@]}" --against "$first"
one_line "came to its end" "the same night again"
expect 1 "the same night with a changed worker" "$gdr" fuzz "${night[@]}" --against "$first other"
for shard in 1 2; do
  expect 0 "shard $shard" "$gdr" fuzz --seed 1 --cases 40 --size small --only sequential --jobs 1 --shard $shard/3 \
    --corpus "$work/nights" --report "$work/shard$shard.json"
done
expect 4 "a shard that is missing" "$gdr" merge-reports "$work/shard1.json" "$work/shard2.json" --to "$work/merged.json"
grep -q "shard 3" "$work/out" || fail "the missing shard is not told"
echo "ok  states that were touched or belong to other runs, nights that are over, a shard that is missing"
