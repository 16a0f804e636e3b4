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
            ("float", randn(3, 4)), ("view", randn(4, 3).t()), ("bfloat", randn(5).to(ScalarType.BFloat16)), ("half", randn(2, 2).to(ScalarType.Float16)),
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
    [InlineData("""{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}""")]
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
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData("""{"__metadata__":{"x":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    public void A_damaged_header_is_told_in_one_line(string header)
    {
        WriteFile(Encoding.UTF8.GetBytes(header), new byte[8]);
        AssertRefused();
    }

    [Fact]
    public void Text_that_is_not_UTF8_is_told_in_one_line()
    {
        WriteFile([.. "{\"a\xff\xc3(\":1}".Select(c => (byte)c)], new byte[8]);
        AssertRefused();
        WriteFile([.. "{\"__metadata__\":{\"k\":\"\xff\xc3(\"}}".Select(c => (byte)c)], []);
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

    private void WriteFile(byte[] header, byte[] values)
    {
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(path, [.. length, .. header, .. values]);
    }

    private void AssertRefused()
    {
        foreach (var read in new Action[] { () => SafeTensors.Read(path), () => SafeTensors.ReadMetadata(path) })
        {
            var e = Assert.ThrowsAny<UserException>(read);
            Assert.Contains(path, e.Message);
            Assert.DoesNotContain('\n', e.Message);
        }
    }
}
