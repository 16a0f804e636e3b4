using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Tests;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests;

/// <summary>What other tests compare with is still what PyTorch, torchvision, Pillow and Python give.</summary>
public sealed class RecordingTests
{
    /// <summary>
    /// Of floating-point values, relative to a tensor's largest: other releases differ in the last bits, and their sums in some more.
    /// </summary>
    private const double Rounding = 1e-4;

    /// <summary>Values that are counts or words are the same; levels of pictures may be rounded to the next.</summary>
    [SkippableFact]
    public void Recordings_made_anew_are_those_committed()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        Python.Run(["torch", "torchvision", "PIL", "numpy"], Path.Combine(Recording.Sources, "record.py"), folder.Path);
        static IEnumerable<string?> Files(string folder) =>
            Directory.GetFiles(folder, "*.safetensors").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.NotEmpty(Files(Recording.Sources));
        Assert.Equal(Files(Recording.Sources), Files(folder.Path));
        foreach (var file in Files(folder.Path))
        {
            var (committed, anew) = (SafeTensors.Read(Path.Combine(Recording.Sources, file!)).Tensors,
                SafeTensors.Read(folder[file!]).Tensors);
            foreach (var value in committed.Values.Concat(anew.Values)) scope.Attach(value);
            Assert.Equal(committed.Keys.Order(StringComparer.Ordinal), anew.Keys.Order(StringComparer.Ordinal));
            foreach (var (name, expected) in committed)
            {
                var (what, actual) = ($"{file}, {name}", anew[name]);
                Assert.Equal(expected.dtype, actual.dtype);
                Assert.Equal(expected.shape, actual.shape);
                var difference = (actual.to(ScalarType.Float64) - expected.to(ScalarType.Float64)).abs().max().item<double>();
                var allowed = expected.dtype == ScalarType.Float32
                    ? Rounding * expected.abs().max().item<float>()
                    : expected.dtype == ScalarType.Byte && expected.dim() >= 3
                    ? 1
                    : 0;
                Assert.True(difference <= allowed, $"{what}: differs by {difference:g3}, more than {allowed:g3}");
            }
        }
    }
}
