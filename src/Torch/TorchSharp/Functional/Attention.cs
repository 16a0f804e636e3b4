namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>softmax(q k^T / sqrt(d) + mask) v, by the formula, since libtorch before 2.0 has no such operator. [..., L, d] each.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query, Tensor key, Tensor value, Tensor? attn_mask = null, double p = 0, bool is_casual = false)
            {
                using var scope = NewDisposeScope();
                var scaled = query.mul(1 / Math.Sqrt(query.size(-1)));
                var scores = scaled.matmul(key.transpose(-2, -1));
                if (is_casual)
                {
                    var allowed = ones([query.size(-2), key.size(-2)], ScalarType.Bool, query.device).tril();
                    scores = scores.masked_fill(allowed.logical_not(), double.NegativeInfinity);
                }
                if (attn_mask is not null)
                {
                    scores = attn_mask.dtype == ScalarType.Bool
                        ? scores.masked_fill(attn_mask.logical_not(), double.NegativeInfinity)
                        : scores.add(attn_mask);
                }
                var weights = dropout(scores.softmax(-1), p);
                return weights.matmul(value).MoveToOuterDisposeScope();
            }
        }
    }
}
