using System.Buffers.Binary;
using System.Text;
using DataSsl.Runtime.Storage;
using DataSsl.Runtime.Tests.Data;
using DataSsl.Runtime.Tests.Training;
using static TorchSharp.torch;

namespace DataSsl.Runtime.Tests.Storage;

/// <summary>Files that are safetensors, and files that only look so.</summary>
public sealed class SafeTensorsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string path;

    public SafeTensorsTests() => path = folder["file.safetensors"];

    [Fact]
    public void Tensors_of_every_type_and_strange_names_come_back()
    {
        using var scope = NewDisposeScope();
        var tensors = new (string Name, Tensor Tensor)[]
        {
            ("float", randn(3, 4)), ("view", randn(4, 3).t()), ("bfloat", randn(5).to(ScalarType.BFloat16)),
            ("half", randn(2, 2).to(ScalarType.Float16)),
            ("long", arange(7)), ("byte", arange(9).to(ScalarType.Byte)), ("scalar", randn([])), ("empty", zeros(0, 3)), ("\"ü\n", ones(1)),
        };
        SafeTensors.Write(path, tensors, new Dictionary<string, string> { ["who"] = "ä \"quoted\"" });
        var (read, metadata) = SafeTensors.Read(path);
        Assert.Equal("ä \"quoted\"", metadata["who"]);
        Assert.Equal(tensors.Length, read.Count);
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.dtype, read[name].dtype);
            Close.SameBits(tensor, read[name], name);
            read[name].Dispose();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("3")]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""")]
    [InlineData("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387905,4611686018427387905,4611686018427387905],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775800,9223372036854775807]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"a":{"dtype":"Q7","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""")]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""")]
    [InlineData("""{"__metadata__":{"x":"1","x":"1"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"checksum":""},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [
        InlineData(
            """{"__metadata__":{"checksum":"0000000000000000000000000000000000000000000000000000000000000000"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""",
            true),
    ]
    [InlineData("""{"__metadata__":{"writer":"datassl"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"format":"datassl-checkpoint/2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [
        InlineData(
            """{"__metadata__":{"architecture":"stem=16","class":"Net","size":"32","space":"Small32 e55c633bced3f952"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""),
    ]
    [InlineData("""{"__metadata__":{"x":"\ud800"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    public void A_damaged_header_is_told_in_one_line(string header, bool onlyWithValues = false)
    {
        Foreign.Write(path, Encoding.UTF8.GetBytes(header), new byte[8]);
        if (onlyWithValues) MustRefuse(() => SafeTensors.Read(path));
        else AssertRefused();
    }

    /// <summary>It may be of a part that nobody asks for.</summary>
    [Fact]
    public void A_type_that_is_not_read_is_told_where_its_tensor_is_wanted()
    {
        Foreign.Write(path, """{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"""u8, new byte[8]);
        Assert.Empty(SafeTensors.ReadMetadata(path));
        SafeTensors.Verify(path);
        MustRefuse(() => SafeTensors.Read(path));
    }

    [Fact]
    public void A_file_of_another_writer_is_read_and_known_to_be_unchecked()
    {
        using var scope = NewDisposeScope();
        SafeTensors.Write(path, [("a", ones(2))], new Dictionary<string, string> { ["who"] = "me" });
        Assert.True(SafeTensors.IsChecked(path));
        Foreign.Rewrite(path, new() { ["format"] = "pt" });
        Assert.False(SafeTensors.IsChecked(path));
        Assert.Equal([1f, 1f], SafeTensors.Read(path).Tensors["a"].data<float>().ToArray());
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void A_value_that_is_not_finite_is_told_with_its_tensor(ScalarType type)
    {
        using var scope = NewDisposeScope();
        foreach (var odd in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            // In the last of many values, behind a tensor that is whole.
            var values = zeros(100_003, type);
            values[100_002] = odd;
            SafeTensors.Write(path, [("first", ones(3)), ("teacher.conv1.weight", values)], new Dictionary<string, string>());
            foreach (var read in
                new Action[]
                {
                    () => SafeTensors.Verify(path),
                    () => SafeTensors.ReadInto(path, new Dictionary<string, Tensor> { ["teacher.conv1.weight"] = zeros(100_003) }),
                })
                Assert.Contains("tensor 'teacher.conv1.weight' holds a value that is not finite", MustRefuse(read));
            SafeTensors.ReadInto(path, new Dictionary<string, Tensor> { ["first"] = zeros(3) });
        }
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_told_in_one_line()
    {
        Foreign.Write(path, [.. "{\"a\xff\xc3(\":1}".Select(c => (byte)c)], new byte[8]);
        AssertRefused();
        Foreign.Write(path, [.. "{\"__metadata__\":{\"k\":\"\xff\xc3(\"}}".Select(c => (byte)c)], []);
        AssertRefused();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_wrong_length_of_the_header_is_told_in_one_line(long length)
    {
        var bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(path, bytes);
        AssertRefused();
    }

    [Fact]
    public void A_missing_file_or_a_folder_is_told_in_one_line()
    {
        AssertRefused();
        Directory.CreateDirectory(path);
        AssertRefused();
    }

    public void Dispose() => folder.Dispose();

    private void AssertRefused()
    {
        MustRefuse(() => SafeTensors.Read(path));
        MustRefuse(() => SafeTensors.ReadMetadata(path));
        MustRefuse(() => SafeTensors.Verify(path));
    }

    private string MustRefuse(Action read)
    {
        var e = Assert.ThrowsAny<UserException>(read);
        Assert.Contains(path, e.Message);
        Assert.DoesNotContain('\n', e.Message);
        return e.Message;
    }
}
