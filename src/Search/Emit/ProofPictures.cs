using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;
using static TorchSharp.torch;

namespace DataSsl.Search.Emit;

/// <summary>The pictures on which forms that take pictures are proven.</summary>
public static class ProofPictures
{
    /// <summary>How many, at most: whole pictures may be large.</summary>
    public const int Most = 8;

    /// <summary>Images [N, C, H, W] brought to bytes, some of them: pictures where none of any size are at hand.</summary>
    public static IReadOnlyList<Image> Of(Tensor images, PixelRule pixels)
    {
        using var scope = NewDisposeScope();
        var (mean, deviation) = (PerChannel(pixels.Mean), PerChannel(pixels.Deviation));
        var bytes = ((images.narrow(0, 0, Math.Min(Most, images.shape[0])) * deviation + mean) * 255).round().clamp(0, 255)
            .permute(0, 2, 3, 1).to(ScalarType.Byte).contiguous();
        return
        [
            .. Enumerable.Range(0, (int)bytes.shape[0])
                .Select(i => new Image((int)bytes.shape[2], (int)bytes.shape[1], bytes[i].data<byte>().ToArray())
                {
                    Format = pixels.Format,
                }),
        ];

        static Tensor PerChannel(Channels values) => tensor(values.ToSingle(), [values.Count, 1, 1]);
    }

    /// <summary>Pictures as evaluation shows them: [N, C, S, S].</summary>
    public static Tensor Shown(IReadOnlyList<Image> pictures, int size, PixelRule pixels) => ViewMaker.Make(
        new ImageBatch([.. Enumerable.Range(0, pictures.Count)], [.. pictures]) { Pixels = pixels },
        ViewRecipe.CenterCrop(size), 0, 0, 0, CPU);
}
