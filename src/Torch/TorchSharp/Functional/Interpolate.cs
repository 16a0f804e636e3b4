using DataSsl.Torch.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>Resizes the trailing dimensions of [N, C, ...] to a size, or by factors.</summary>
            public static Tensor interpolate(
                Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                if ((size is null) == (scale_factor is null))
                    throw new ArgumentException("Give either size or scale_factor.");
                var spatial = x.dim() - 2;
                size = Spread(size, spatial);
                scale_factor = Spread(scale_factor, spatial);
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                    (size, scale_factor) = ([.. x.shape.Skip(2).Zip(scale_factor, (length, factor) => (long)Math.Floor(length * factor))], null);
                var corners = align_corners ?? false;
                return (mode, spatial, antialias) switch
                {
                    (InterpolationMode.Nearest, 1, _) => Aten.upsample_nearest1d_vec.Call(x, size, scale_factor),
                    (InterpolationMode.Nearest, 2, _) => Aten.upsample_nearest2d_vec.Call(x, size, scale_factor),
                    (InterpolationMode.Nearest, 3, _) => Aten.upsample_nearest3d_vec.Call(x, size, scale_factor),
                    (InterpolationMode.NearestExact, 2, _) => Aten._upsample_nearest_exact2d_vec.Call(x, size, scale_factor),
                    (InterpolationMode.Area, 2, _) => adaptive_avg_pool2d(x, size!),
                    (InterpolationMode.Linear, 1, _) => Aten.upsample_linear1d_vec.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, 2, true) => Aten._upsample_bilinear2d_aa_vec.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bilinear, 2, false) => Aten.upsample_bilinear2d_vec.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, 2, true) => Aten._upsample_bicubic2d_aa_vec.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Bicubic, 2, false) => Aten.upsample_bicubic2d_vec.Call(x, size, corners, scale_factor),
                    (InterpolationMode.Trilinear, 3, _) => Aten.upsample_trilinear3d_vec.Call(x, size, corners, scale_factor),
                    _ => throw new NotSupportedException($"{mode} interpolation of {spatial} spatial dimensions is not supported."),
                };
            }

            /// <summary>One number serves every dimension.</summary>
            private static T[]? Spread<T>(T[]? values, long count) => values is { Length: 1 } ? [.. Enumerable.Repeat(values[0], (int)count)] : values;
        }
    }
}
