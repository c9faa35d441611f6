// A worker: lets gdr test a kernel of the gated delta rule. Nothing but the standard library.
//
//     c++ -O2 -std=c++17 worker.cpp -o worker
//     gdr fuzz --against 'mine=./worker'
//     gdr conform ./worker
//
// Replace `evaluate` with a call of your kernel, and DECLARATION with what is true of it. The rest is the protocol: a
// frame is 8 bytes N, little endian, N bytes of JSON, and the values. The JSON maps a name to
// {"dtype", "shape", "data_offsets": [begin, end]}, and "__metadata__" maps text to text. One request, one reply, until
// the input ends. Sources/Foreign/Foreign.docc/Protocol.md has the whole of it.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

struct Tensor {
  std::vector<size_t> shape;
  std::vector<float> values;
};
using Tensors = std::map<std::string, Tensor>;
using Metadata = std::map<std::string, std::string>;

// The contract says which rule it computes. "plain" is the one below; others are "gate=bounded:-5,beta=2sigmoid" (gates
// of other models), "qk=l2norm:1e-6,scale=rsqrt" (q and k normalised, q scaled, in the kernel), "decay=log" (g holds
// log g), "layout=kv" (states [B,Hv,Dk,Dv]), "state=bf16". Every case will be one of it.
const Metadata DECLARATION = {{"name", "mine"},  {"contract", "plain"}, {"form", "sequential"},
                              {"clamp", "none"}, {"roundings", ""},     {"double", "no"}};

float sigmoid(float z) {
  const float e = std::exp(-std::fabs(z));
  return (z >= 0 ? 1 : e) / (1 + e);
}

float softplus(float z) { return std::fmax(z, 0.0f) + std::log1p(std::exp(-std::fabs(z))); }

bool isLive(const Tensors &x, size_t token) { return !x.count("mask") || x.at("mask").values[token] != 0; }

Tensor zeros(const Tensor &like) { return {like.shape, std::vector<float>(like.values.size())}; }

// g and beta as they are given, or g = exp(-exp(A_log) softplus(a + dt_bias)) and beta = sigmoid(b). What a masked
// token holds goes nowhere.
void gates(const Tensors &x, Tensor &g, Tensor &beta) {
  if (x.count("g")) {
    g = x.at("g"), beta = x.at("beta");
    return;
  }
  const std::vector<float> &A_log = x.at("A_log").values, &dt_bias = x.at("dt_bias").values;
  g = x.at("a"), beta = x.at("b");
  const size_t Hv = A_log.size(), width = dt_bias.size() / Hv;
  for (size_t i = 0; i < g.values.size(); i++)
    if (isLive(x, i / (Hv * width)))
      g.values[i] = std::exp(-std::exp(A_log[i / width % Hv]) * softplus(g.values[i] + dt_bias[i % (Hv * width)]));
  for (float &b : beta.values) b = sigmoid(b);
}

// The gradients of what they are made of. Sums over B and T are long, and formed in fp64.
void gatesBack(const Tensors &x, const Tensor &g, const Tensor &dg, const Tensor &dbeta, Tensors &results) {
  if (x.count("g")) {
    results["dg"] = dg, results["dbeta"] = dbeta;
    return;
  }
  const Tensor &a = x.at("a"), &b = x.at("b"), &A_log = x.at("A_log"), &dt_bias = x.at("dt_bias");
  const size_t Hv = A_log.values.size(), width = dt_bias.values.size() / Hv;
  Tensor da = zeros(a), db = zeros(b), dA_log = zeros(A_log), ddt_bias = zeros(dt_bias);
  std::vector<double> rates(Hv), biases(Hv * width);
  for (size_t i = 0; i < a.values.size(); i++) {
    // A masked token's is zero. Where all is forgotten nothing passes, even if exp(A_log) is infinite.
    const float dlog_g = dg.values[i] * g.values[i];
    if (dlog_g == 0 || !isLive(x, i / (Hv * width))) continue;
    const float rate = std::exp(A_log.values[i / width % Hv]), z = a.values[i] + dt_bias.values[i % (Hv * width)];
    da.values[i] = -dlog_g * (rate * sigmoid(z));
    rates[i / width % Hv] += dlog_g * -(rate * softplus(z));
    biases[i % (Hv * width)] += da.values[i];
  }
  for (size_t i = 0; i < b.values.size(); i++)
    if (isLive(x, i / Hv)) db.values[i] = dbeta.values[i] * (sigmoid(b.values[i]) * sigmoid(-b.values[i]));
  std::copy(rates.begin(), rates.end(), dA_log.values.begin());
  std::copy(biases.begin(), biases.end(), ddt_bias.values.begin());
  results["da"] = da, results["db"] = db, results["dA_log"] = dA_log, results["ddt_bias"] = ddt_bias;
}

// Results by name, or a refusal. S~ = S g;  e = v - S~ k;  S = S~ + beta e k^T;  y = S q
// A masked token leaves S as it was; its y means nothing, and the gradients of its inputs are zero.
std::string evaluate(const Tensors &x, const Metadata &request, Tensors &results) {
  const Tensor &q = x.at("q"), &k = x.at("k"), &v = x.at("v");
  const size_t B = q.shape[0], T = q.shape[1], Hk = q.shape[2], Dk = q.shape[3], Hv = v.shape[2], Dv = v.shape[3];
  Tensor g, beta;
  gates(x, g, beta);
  const bool channels = g.shape.size() == 4, differentiates = request.at("gradients") == "yes";
  Tensor y = zeros(v), state{{B, Hv, Dv, Dk}, std::vector<float>(B * Hv * Dv * Dk)};
  Tensor dq = zeros(q), dk = zeros(k), dv = zeros(v), dg = zeros(g), dbeta = zeros(beta), dstate = state;
  if (x.count("state_in")) state = x.at("state_in");
  if (x.count("dstate_out")) dstate = x.at("dstate_out");
  const Tensor dy = x.count("dy") ? x.at("dy") : zeros(v);

  for (size_t b = 0; b < B; b++)
    for (size_t h = 0; h < Hv; h++) {
      const auto tokenAt = [&](size_t t) { return (b * T + t) * Hv + h; };
      const auto keyAt = [&](size_t t) { return ((b * T + t) * Hk + h / (Hv / Hk)) * Dk; };
      const auto decayAt = [&](size_t t, size_t j) { return channels ? tokenAt(t) * Dk + j : tokenAt(t); };
      float *S = &state.values[(b * Hv + h) * Dv * Dk], *D = &dstate.values[(b * Hv + h) * Dv * Dk];
      std::vector<float> states(differentiates ? T * Dv * Dk : 0);  // before each token
      for (size_t t = 0; t < T; t++) {
        if (differentiates) std::copy(S, S + Dv * Dk, &states[t * Dv * Dk]);
        if (!isLive(x, b * T + t)) continue;
        const size_t token = tokenAt(t), key = keyAt(t);
        for (size_t i = 0; i < Dv; i++) {
          float *row = S + i * Dk, e = v.values[token * Dv + i], sum = 0;
          for (size_t j = 0; j < Dk; j++) {
            row[j] *= g.values[decayAt(t, j)];
            e -= row[j] * k.values[key + j];
          }
          for (size_t j = 0; j < Dk; j++) {
            row[j] += beta.values[token] * e * k.values[key + j];
            sum += row[j] * q.values[key + j];
          }
          y.values[token * Dv + i] = sum;
        }
      }
      for (size_t t = differentiates ? T : 0; t-- > 0;) {
        if (!isLive(x, b * T + t)) continue;
        const size_t token = tokenAt(t), key = keyAt(t);
        for (size_t i = 0; i < Dv; i++) {
          float *row = D + i * Dk, e = v.values[token * Dv + i], dd = 0;
          const float *before = &states[(t * Dv + i) * Dk], dyi = dy.values[token * Dv + i];
          for (size_t j = 0; j < Dk; j++) {
            e -= g.values[decayAt(t, j)] * before[j] * k.values[key + j];
            row[j] += dyi * q.values[key + j];
            dd += row[j] * k.values[key + j];
          }
          const float delta = beta.values[token] * e, de = beta.values[token] * dd;
          dv.values[token * Dv + i] = de;
          dbeta.values[token] += dd * e;
          for (size_t j = 0; j < Dk; j++) {
            const float decay = g.values[decayAt(t, j)], kj = k.values[key + j], through = row[j] - de * kj;
            dq.values[key + j] += dyi * (decay * before[j] + delta * kj);
            dk.values[key + j] += delta * row[j] - de * decay * before[j];
            dg.values[decayAt(t, j)] += through * before[j];
            row[j] = through * decay;
          }
        }
      }
    }
  results["y"] = y, results["state_out"] = state;
  if (!differentiates) return "";
  results["dq"] = dq, results["dk"] = dk, results["dv"] = dv, results["dstate_in"] = dstate;
  gatesBack(x, g, dg, dbeta, results);
  return "";
}

// ---- The protocol: nothing below needs to be changed

bool take(void *bytes, size_t count) {
  for (char *p = static_cast<char *>(bytes); count > 0;) {
    const ssize_t n = read(0, p, count);
    if (n <= 0) return false;
    p += n, count -= n;
  }
  return true;
}

void give(int descriptor, const std::string &bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = write(descriptor, bytes.data() + sent, bytes.size() - sent);
    if (n <= 0) exit(1);
    sent += n;
  }
}

// As much JSON as a header has.
struct Scanner {
  const std::string &text;
  size_t at = 0;

  char next() {
    while (at < text.size() && strchr(" \t\r\n,:", text[at])) at++;
    return at < text.size() ? text[at] : 0;
  }
  std::string string() {
    std::string value;
    for (next(), at++; at < text.size() && text[at] != '"'; at++) {
      if (text[at] == '\\') at++;
      value += text[at];
    }
    at++;
    return value;
  }
  std::vector<size_t> numbers() {
    std::vector<size_t> values;
    for (next(), at++; next() != ']';) {
      char *end;
      values.push_back(strtoull(&text[at], &end, 10));
      at = end - text.data();
    }
    at++;
    return values;
  }
};

float number(const unsigned char *bytes, const std::string &type, size_t index) {
  uint16_t half;
  float single;
  double wide;
  if (type == "BOOL" || type == "U8") return bytes[index];
  if (type == "F64") return memcpy(&wide, bytes + 8 * index, 8), float(wide);
  if (type == "F32") return memcpy(&single, bytes + 4 * index, 4), single;
  memcpy(&half, bytes + 2 * index, 2);
  uint32_t bits = uint32_t(half) << 16;
  if (type == "BF16") return memcpy(&single, &bits, 4), single;
  const int exponent = half >> 10 & 31, fraction = half & 1023;  // F16
  const float size = exponent == 31 ? (fraction ? 0.0f / 0.0f : 1.0f / 0.0f)
                     : exponent     ? __builtin_ldexpf(1024 + fraction, exponent - 25)
                                    : __builtin_ldexpf(fraction, -24);
  return half >> 15 ? -size : size;
}

bool readFrame(Metadata &metadata, Tensors &tensors) {
  uint64_t length;
  if (!take(&length, 8)) return false;
  std::string json(length, ' ');
  if (!take(&json[0], length)) return false;
  struct Place { std::string type; std::vector<size_t> shape, offsets; };
  std::map<std::string, Place> places;
  Scanner scanner{json};
  scanner.next(), scanner.at++;
  size_t end = 0;
  while (scanner.next() == '"') {
    const std::string name = scanner.string();
    scanner.next(), scanner.at++;
    while (scanner.next() == '"') {
      const std::string key = scanner.string();
      if (name == "__metadata__") metadata[key] = scanner.string();
      else if (key == "dtype") places[name].type = scanner.string();
      else (key == "shape" ? places[name].shape : places[name].offsets) = scanner.numbers();
    }
    scanner.at++;
    if (places.count(name) && places[name].offsets[1] > end) end = places[name].offsets[1];
  }
  std::vector<unsigned char> data(end + 1);
  if (!take(data.data(), end)) return false;
  for (const auto &[name, place] : places) {
    size_t count = 1;
    for (size_t size : place.shape) count *= size;
    Tensor tensor{place.shape, std::vector<float>(count)};
    for (size_t i = 0; i < count; i++) tensor.values[i] = number(&data[place.offsets[0]], place.type, i);
    tensors[name] = tensor;
  }
  return true;
}

std::string frame(const Metadata &metadata, const Tensors &tensors) {
  std::string json = "{\"__metadata__\":{", data;
  for (const auto &[key, value] : metadata) json += (json.back() == '{' ? "\"" : ",\"") + key + "\":\"" + value + "\"";
  json += "}";
  for (const auto &[name, tensor] : tensors) {
    json += ",\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[";
    for (size_t i = 0; i < tensor.shape.size(); i++) json += (i ? "," : "") + std::to_string(tensor.shape[i]);
    json += "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
    data.append(reinterpret_cast<const char *>(tensor.values.data()), 4 * tensor.values.size());
    json += std::to_string(data.size()) + "]}";
  }
  json += "}";
  const uint64_t length = json.size();
  return std::string(reinterpret_cast<const char *>(&length), 8) + json + data;
}

// Why it is not asked: it computes another rule. Empty where it is the same.
std::string otherContract(const Metadata &request) {
  const std::string declared = DECLARATION.at("contract");
  const std::string asked = request.count("contract") ? request.at("contract") : "plain";
  return asked == declared ? "" : "computes the contract " + declared + ", the case asks for " + asked;
}

int main() {
  const int replies = dup(1);  // what a library prints goes to standard error
  dup2(2, 1);
  for (;;) {
    Metadata request, reply;
    Tensors x, results;
    if (!readFrame(request, x)) return 0;
    if (request["request"] == "hello") {
      reply = DECLARATION;
    } else {
      std::string refusal = otherContract(request);
      if (refusal.empty()) refusal = evaluate(x, request, results);
      if (!refusal.empty()) reply["refusal"] = refusal;
    }
    reply["id"] = request["id"];
    give(replies, frame(reply, results));
  }
}
