using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    // Variances and standard deviations.
    public partial class Tensor
    {
        public Tensor var(bool unbiased = true) => Aten.var.Call(this, unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_dim.Call(As(type), new[] { dim }, unbiased, keepdim);
        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_dim.Call(As(type), dim, unbiased, keepdim);
        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_dim.Call(As(type), new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_dim.Call(As(type), dimensions, unbiased, keepdim);
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_dim.Call(As(type), dimensions, unbiased, keepdim);

        public Tensor std(bool unbiased = true) => Aten.std.Call(this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_dim.Call(As(type), new[] { dim }, unbiased, keepdim);
        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_dim.Call(As(type), dim, unbiased, keepdim);
        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_dim.Call(As(type), new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_dim.Call(As(type), dimensions, unbiased, keepdim);
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_dim.Call(As(type), dimensions, unbiased, keepdim);

        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => Aten.var_mean.Pair(this, unbiased);
        public (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_mean_dim.Pair(As(type), new[] { dim }, unbiased, keepdim);
        public (Tensor var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_mean_dim.Pair(As(type), dim, unbiased, keepdim);
        public (Tensor var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_mean_dim.Pair(As(type), new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim);
        public (Tensor var, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_mean_dim.Pair(As(type), dimensions, unbiased, keepdim);
        public (
            Tensor var, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.var_mean_dim.Pair(As(type), dimensions, unbiased, keepdim);

        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Aten.std_mean.Pair(this, unbiased);
        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_mean_dim.Pair(As(type), new[] { dim }, unbiased, keepdim);
        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_mean_dim.Pair(As(type), dim, unbiased, keepdim);
        public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_mean_dim.Pair(As(type), new[] { dim.Item1, dim.Item2, dim.Item3 }, unbiased, keepdim);
        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_mean_dim.Pair(As(type), dimensions, unbiased, keepdim);
        public (
            Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Aten.std_mean_dim.Pair(As(type), dimensions, unbiased, keepdim);

        private Tensor As(ScalarType? type) => type is { } wanted ? to(wanted) : this;
    }
}
