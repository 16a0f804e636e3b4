using System.Security.Cryptography;

namespace DataSsl.Kernels.Tests;

/// <summary>The loader's checksum against .NET's.</summary>
public sealed class Sha256Tests
{
    [Fact]
    public void It_is_the_systems_for_every_length_of_the_last_block()
    {
        var data = new byte[100_003];
        new Random(5).NextBytes(data);
        foreach (var length in Enumerable.Range(0, 200).Append(data.Length))
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data.AsSpan(0, length))), Sha256.Hex(data.AsSpan(0, length)));
    }
}
