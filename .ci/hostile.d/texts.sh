# Texts of strangers: whatever is in them, no terminal, log or page is told to do anything.

# plain FILE WHAT: nothing in it controls a terminal, turns the direction, ends a line or is a command of a workflow.
plain() {
  ! LC_ALL=C grep -nP '[\x00-\x08\x0B-\x1F\x7F]|\xC2[\x80-\x9F]|\xE2\x80[\xA8-\xAE]|^\s*::(?!(error|warning|notice) )|##\[' "$1" \
    > "$work/lines" || { head -3 "$work/lines" | cat -v; fail "$2: a text of a stranger goes through"; }
}

text=$'\033]0;title\a\033[31m\xC2\x9B\xE2\x80\xAE\xE2\x80\xA8::error::x'
for words in "nonsense$text" "fuzz --only $text" "fuzz --seed $text" "replay v1/$text" "report $text" "check $text" \
  "corpus check --corpus $text" "fuzz --against $text" "help $text" "fuzz --families $text"; do
  IFS=' ' read -r -a words <<< "$words"
  "$gdr" "${words[@]}" > "$work/out" 2> "$work/error" || true
  for stream in out error; do plain "$work/$stream" "${words[0]}"; done
done
"$gdr" fuzz --cases 20 --size small --jobs 1 --corpus "$work/told" --against "$(bad texts)" --report "$work/told.json" \
  --profile ci > "$work/out" 2> "$work/error" || true
for stream in out error; do plain "$work/$stream" "a worker's texts"; done

# A record with such texts, of which the checksum is right.
python3 - "$work/told.json" "$work/texts.json" <<'PYTHON'
import json, sys

text = "\033]0;title\a\033[31m\u009b\u202e\u2028\n::error::x"
data = json.load(open(sys.argv[1]))
for part in data["parts"]:
    part["folder"] = text
    part["corpus"] = [{"file": "known/" + text, "implementation": text, "recipe": text, "outcome": "changed", "detail": text}]
    for found in part["ledger"]["reduced"]:
        found["sentence"], found["explanation"] = text, [text]
        found["finding"]["why"] = text
    for tally in part["ledger"]["tallies"]:
        if tally["refusals"]:
            tally["refusals"] = {text: max(tally["refusals"].values())}
data["checksum"] = "0" * 16
body = (json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n").encode()
hash = 0xCBF29CE484222325
for byte in body:
    hash = (hash ^ byte) * 0x100000001B3 % 2**64
open(sys.argv[2], "wb").write(body[:13] + b"%016x" % hash + body[29:])
PYTHON
expect 0 "a record of strangers" "$gdr" report "$work/texts.json" --html "$work/texts.html" --junit "$work/texts.xml" \
  --sarif "$work/texts.sarif" --study "$work/texts"
plain "$work/out" "report"
expect 0 "its annotations" "$gdr" report "$work/texts.json" --github
for file in out texts.html texts.xml texts.sarif texts/study.md texts/study.svg; do plain "$work/$file" "$file"; done

# A case and a corpus under such names.
mkdir -p "$work/named/known"
cp "$sample" "$work/named/known/$text.json"
head -c 100 "$sample" > "$work/named/known/$text-half.json"
for words in "corpus check" "corpus list" "fuzz --cases 2 --only sequential --profile ci"; do
  # shellcheck disable=SC2086
  "$gdr" $words --corpus "$work/named" > "$work/out" 2> "$work/error" || true
  for stream in out error; do plain "$work/$stream" "$words"; done
done
"$gdr" replay "$work/named" > "$work/out" 2> "$work/error" || true
for stream in out error; do plain "$work/$stream" "replay"; done
echo "ok  texts of strangers: in arguments, replies, records and file names, none is acted on"

# What needs more memory than there is.
large=v1/B1-T32000-Hk1-Hv1-Dk1024-Dv1024/keys=equal/decay=none/write=1/f32/seed=0
if [ "$(awk '/MemTotal/ {print $2}' /proc/meminfo 2> /dev/null || echo 999999999)" -lt 300000000 ]; then
  expect 65 "a case of 126 GB" timeout 60 "$gdr" replay $large --only sequential
  grep -q "not evaluated: needs .* GB" "$work/out" || fail "a case of 126 GB: $(cat "$work/out")"
  expect 65 "a case of 126 GB" timeout 60 "$gdr" explain $large --only sequential
  grep -q "not evaluated: needs .* GB" "$work/error" || fail "a case of 126 GB: $(cat "$work/error")"
else
  echo "skipped a case of 126 GB: there is as much"
fi
truncate -s 60G "$work/sparse.safetensors"
printf '\060\0\0\0\0\0\0\0{"q":{"dtype":"F32","shape":[1],"data_offsets":' | dd of="$work/sparse.safetensors" conv=notrunc 2> /dev/null
expect 65 "a file of 60 GB" timeout 20 "$gdr" check "$work/sparse.safetensors"
one_line sparse.safetensors "a file of 60 GB"
echo "ok  what needs more memory than there is: not evaluated, and said"
