using System.Runtime.CompilerServices;
using TorchSharp;

namespace DataSsl.Torch.Tests.Api;

/// <summary>Every public member in the TorchSharp namespaces exists in TorchSharp with the same signature, so that code moves over unchanged.</summary>
public class ApiConformanceTests
{
    private const string List = "torchsharp-api-0.106.txt";

    [SkippableFact]
    public void Every_public_member_exists_in_TorchSharp()
    {
        var reference = ReferenceList();
        Skip.If(reference is null, $"shared/reference/{List} is not beside the repository.");
        var known = File.ReadLines(reference!).ToHashSet();
        string[] strangers = [.. OurTypes().SelectMany(Signature.Of).Where(member => !known.Contains(member)).Order(StringComparer.Ordinal)];
        Assert.True(strangers.Length == 0, $"{strangers.Length} members are not TorchSharp's:\n{string.Join('\n', strangers)}");
    }

    [Fact]
    public void The_formatter_sees_what_there_is()
    {
        var members = OurTypes().SelectMany(Signature.Of).ToHashSet();
        Assert.True(members.Count > 800, $"only {members.Count} members");
        Assert.Contains("torch.Tensor.add(torch.Tensor target, Scalar alpha) -> torch.Tensor", members);
        Assert.Contains("torch.nn.Module<T, TResult>.forward(T input) -> TResult virtual", members);
        Assert.Contains("torch.Tensor.data<T>() -> TensorAccessor<T>", members);
    }

    private static IEnumerable<Type> OurTypes() =>
        typeof(torch).Assembly.GetTypes().Where(type =>
            type.Namespace is "TorchSharp" or "TorchSharp.Modules" or "TorchSharp.Utils"
            && type is { IsVisible: true }
            && !type.IsDefined(typeof(CompilerGeneratedAttribute), false));

    private static string? ReferenceList()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "..", "shared", "reference", List);
            if (File.Exists(Path.Combine(folder.FullName, "DataSsl.Gen.sln")))
                return File.Exists(path) ? path : null;
        }
        return null;
    }
}
