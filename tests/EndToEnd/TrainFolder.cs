using DataSsl.Runtime;
using DataSsl.Runtime.Data;

namespace DataSsl.EndToEnd;

/// <summary>A folder of small images for training, and a place for runs; gone afterwards.</summary>
internal sealed class TrainFolder : IDisposable
{
    public TrainFolder(int images = 16)
    {
        for (var i = 0; i < images; i++)
            ImageFile.Save(
                Path.Combine(Directory.CreateDirectory(Path.Combine(Images, i % 2 == 0 ? "a" : "b")).FullName, $"{i:00}.png"), Picture(i));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("datassl-train-").FullName;

    public string Images => this["images"];

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>The arguments of a quick run: tiny batches of tiny views, one thread so that its bits repeat.</summary>
    public string[] Train(string @out, params string[] more) =>
        [
            "train", "--space", "Small32", "--data", Images, "--out", this[@out], "--size", "16", "--batch", "4", "--hidden", "16",
            "--threads", "1",.. more,
        ];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static Image Picture(int seed)
    {
        var random = CounterRandom.For((ulong)seed, "picture");
        var (a, b) = (random.Between(0.2, 1), random.Between(0.2, 1));
        var rgb = new byte[3 * 20 * 20];
        for (var i = 0; i < rgb.Length; i++) rgb[i] = (byte)(128 + 100 * Math.Sin(a * (i / 3 % 20)) * Math.Cos(b * (i / 60) + i % 3));
        return new(20, 20, rgb);
    }
}
