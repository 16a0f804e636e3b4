using DataSsl.Runtime.Storage.Foreign;

namespace DataSsl.Fuzz;

/// <summary>
/// Damaged weights of other programs: every reader ends in tensors or in one line that names the file, within the memory that the file's
/// size allows.
/// </summary>
public sealed class GivenWeightsTests
{
    [Theory]
    [InlineData("state.pth")]
    [InlineData("nested.pth")]
    [InlineData("protocol4.pth")]
    public void Damaged_pth_is_read_or_refused(string name) =>
        Check(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "pth", name)), "damaged.pth", 400);

    /// <summary>A model of two operators and two tensors, one with its values in bytes and one with them in floats.</summary>
    [Fact]
    public void Damaged_ONNX_is_read_or_refused()
    {
        var raw = new[] { Number(1, 2), Number(1, 3), Number(2, 1), Text(8, "conv1.weight"), Part(9, new byte[24]) };
        var plain = new[] { Part(1, [4]), Number(2, 1), Part(4, new byte[16]), Text(8, "bn1.weight") };
        var node = new[] { Text(1, "images"), Text(1, "conv1.weight"), Text(2, "map"), Text(4, "Conv") };
        Check(
            [
                .. Number(1, 8),
                .. Part(7, [.. Part(1, Joined(node)), .. Text(2, "graph"), .. Part(5, Joined(raw)), .. Part(5, Joined(plain))]),
            ],
            "damaged.onnx", 1000);

        static byte[] Joined(byte[][] parts) => [.. parts.SelectMany(part => part)];

        static byte[] Number(int field, byte value) => [(byte)(field << 3), value];

        static byte[] Text(int field, string text) => Part(field, System.Text.Encoding.ASCII.GetBytes(text));

        // Lengths of one byte or two.
        static byte[] Part(int field, byte[] bytes) =>
            [
                (byte)((field << 3) | 2),
                .. bytes.Length < 128 ? new[] { (byte)bytes.Length } : [(byte)(bytes.Length | 128), (byte)(bytes.Length >> 7)],.. bytes,
            ];
    }

    private static void Check(byte[] original, string file, int few)
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-given-").FullName;
        try
        {
            var (path, refused) = (Path.Combine(folder, file), 0);
            File.WriteAllBytes(path, original);
            foreach (var (_, values) in ForeignTensors.Read(path)) values.Dispose();
            for (var seed = 0; seed < Mutation.Rounds(few); seed++)
            {
                File.WriteAllBytes(path, Mutation.Of(original, seed));
                var (_, why) = Refusal.Of($"{file}, seed {seed}", path, () =>
                {
                    foreach (var (_, values) in ForeignTensors.Read(path)) values.Dispose();
                    return true;
                });
                if (why is not null) refused++;
            }
            Assert.True(refused > 0, "no damage was seen");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
