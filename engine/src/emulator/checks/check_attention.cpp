// Attention.
#include <algorithm>
#include <cmath>

#include "check.hpp"

namespace check {
namespace {
struct Keys {
  int first, end;
};

struct AttentionCase {
  int batch, queries, keys, heads, keyValueHeads, width;
  i32 type;
  double size;             // of q and k
  std::vector<Keys> live;  // one a sequence if causal, else none
  bool tight;
  bool biased = false;
};

// The weights of all keys for one query of one head, and their sum; of the last that was asked for.
class Weights {
 public:
  Weights(const AttentionCase& c, const AttentionCall& call, const Tensor& q, const Tensor& k, const Tensor& bias)
      : c(c), call(call), q(q), k(k), bias(bias) {}

  double average(const Tensor& v, int row, int column) {
    const int head = column / c.width;
    if (row != ownRow || head != ownHead) {
      ownRow = row;
      ownHead = head;
      weigh();
    }
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); i++) {
      sum += weights[i] * v.get(firstRow + (int)i, shared * c.width + column % c.width);
    }
    return weights.empty() ? 0 : sum / total;
  }

 private:
  void weigh() {
    const int sequence = ownRow / c.queries;
    const int first = call.causal != 0 ? call.first[sequence] : 0;
    const int end = call.causal != 0 ? std::min(ownRow % c.queries + 1 + c.keys - c.queries, call.end[sequence]) : c.keys;
    shared = ownHead * c.keyValueHeads / c.heads;
    firstRow = sequence * c.keys + first;
    weights.clear();
    double largest = -INFINITY;
    for (int key = first; key < end; key++) {
      double logit = 0;
      for (int i = 0; i < c.width; i++) {
        logit += q.get(ownRow, ownHead * c.width + i) * k.get(sequence * c.keys + key, shared * c.width + i);
      }
      const double added = c.biased ? bias.get(ownHead * c.queries + ownRow % c.queries, key) : 0;
      weights.push_back(logit * call.scale + added);
      largest = std::max(largest, weights.back());
    }
    total = 0;
    for (double& weight : weights) {
      weight = std::exp(weight - largest);
      total += weight;
    }
  }

  const AttentionCase& c;
  const AttentionCall& call;
  const Tensor &q, &k, &bias;
  int ownRow = -1, ownHead = -1, shared = 0, firstRow = 0;
  std::vector<double> weights;
  double total = 0;
};

void attentionCase(Report& report, const std::string& kernel, const AttentionCase& c) {
  const bool any = kernel == "attention_any";
  const Layout layout = any ? c.tight ? Layout::EXACT : Layout::ODD : c.tight ? Layout::ALIGNED : Layout::WITHIN;
  Tensor q(c.batch * c.queries, c.heads * c.width, c.type, layout);
  Tensor k(c.batch * c.keys, c.keyValueHeads * c.width, c.type, layout);
  Tensor v(c.batch * c.keys, c.keyValueHeads * c.width, c.type, layout);
  Tensor out(c.batch * c.queries, c.heads * c.width, c.type, c.tight ? Layout::EXACT : Layout::ODD);
  Tensor bias(c.heads * c.queries, c.keys, c.tight ? F32 : c.type, c.tight ? Layout::EXACT : Layout::ODD);
  bias.randomize(4);
  q.randomize(c.size);
  k.randomize(c.size);
  v.randomize();
  AttentionCall call{q.view(), k.view(), v.view(), out.view(), c.biased ? bias.view() : Matrix{}, c.batch, c.queries, c.keys, c.keys / 16 * 16, c.heads,
                     c.keyValueHeads, c.width, c.live.empty() ? 0 : 1, (float)(1 / std::sqrt((double)c.width)), {}, {}, 0};
  for (std::size_t i = 0; i < c.live.size(); i++) {
    call.first[i] = c.live[i].first;
    call.end[i] = c.live[i].end;
  }
  Weights weights(c, call, q, k, bias);
  const Expected expected = [&](int row, int column) { return weights.average(v, row, column); };
  const std::string what = kernel + " of " + std::to_string(c.queries) + " queries, " + std::to_string(c.keys) + " keys, " +
                           std::to_string(c.heads) + " heads of " + std::to_string(c.width);
  // Rounded exponentials: half a bfloat16 step of each value, all of which are at most 1.
  const Tolerance tolerance = c.type == BF16 ? Tolerance{1. / 128, 1. / 200} : Tolerance{1e-4, 1e-5};
  const unsigned sharedBytes = any ? 23552 : kernel == "attention_bf16_64" ? 24576 : 49152;
  verify(report, {what, out, {&q, &k, &v, &bias}, expected, tolerance},
         {{kernel.c_str(),
           {up(c.queries, any ? 16 : 64), (unsigned)c.heads, (unsigned)c.batch, 128, sharedBytes},
           &call}});
}
}  // namespace

void attention(Report& report, const std::string& kernel) {
  const bool any = kernel == "attention_any";
  const int width = any ? 20 : kernel == "attention_bf16_64" ? 64 : 128;
  attentionCase(report, kernel, {1, 1, 1, 1, 1, width, BF16, 1, {}, true});
  attentionCase(report, kernel, {2, 70, 130, 2, 1, width, BF16, 1, {}, true});
  attentionCase(report, kernel, {1, 17, 200, 1, 1, width, BF16, 8, {}, false});
  attentionCase(report, kernel, {2, 75, 75, 2, 2, width, BF16, 1, {{0, 75}, {3, 70}}, true});
  attentionCase(report, kernel, {3, 5, 5, 4, 2, width, BF16, 1, {{4, 5}, {0, 0}, {0, 3}}, false});
  attentionCase(report, kernel, {1, 1, 131, 2, 1, width, BF16, 1, {{3, 131}}, true});
  attentionCase(report, kernel, {2, 70, 140, 2, 1, width, BF16, 1, {{0, 140}, {5, 120}}, false});
  if (any) {
    attentionCase(report, kernel, {2, 17, 40, 2, 1, width, BF16, 1, {}, false, true});
    attentionCase(report, kernel, {1, 20, 70, 3, 3, 70, F32, 1, {}, true, true});
    attentionCase(report, kernel, {1, 17, 40, 2, 1, 70, F32, 2, {}, true});
    attentionCase(report, kernel, {1, 3, 37, 1, 1, 300, F32, 1, {}, false});
    attentionCase(report, kernel, {1, 5, 1100, 1, 1, 16, BF16, 8, {}, true});
  }
}

}  // namespace check
