using DataSsl.Generator;
using DataSsl.Generator.Model;
using DataSsl.Runtime.Storage;
using DataSsl.Spaces;
using static TorchSharp.torch;

namespace DataSsl.Search.Tests.Emit;

/// <summary>The emitted ResNet50 and torchvision's, each with random weights that the other one loads, over the same images. One Python process for all tests.</summary>
public sealed class TorchvisionPeer : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<IReadOnlyList<string>> keys;

    public TorchvisionPeer()
    {
        Images = TestNetworks.Images(2, 64);
        var space = DataResNet.Space;
        var plan = SpaceCompiler.Lower(SpaceCompiler.Parse(space.Name, space.Source).Space!);
        var choices = space.Parse("ResNet50").Choices.ToArray().ToEquatableArray();
        Emitted = new(SpaceCompiler.EmitFixedClass(plan, new("ResNet50", "Acme.Models", choices, 224, Array.Empty<string>().ToEquatableArray())), "Acme.Models.ResNet50");
        keys = new(Start);
    }

    internal EmittedModule Emitted { get; }

    public Tensor Images { get; }

    /// <summary>Keys of torchvision's state dict without fc; asking for them runs the peer.</summary>
    public IReadOnlyList<string> Keys => keys.Value;

    public string File(string name) => folder.File(name);

    /// <summary>The weights of the emitted class before the peer's replaced them.</summary>
    private IReadOnlyList<string> Start()
    {
        Randomise(Emitted.Module);
        SafeTensors.Write(File("emitted.safetensors"), Emitted.Module.state_dict().Select(e => (e.Key, e.Value)), new Dictionary<string, string>());
        SafeTensors.Write(File("images.safetensors"), [("images", Images)], new Dictionary<string, string>());
        return Python.Run("""
            import torchvision
            torch.manual_seed(0)
            images = read('images.safetensors')['images']

            def outputs(net, path):
                net.eval()
                with torch.no_grad():
                    x = net.maxpool(net.relu(net.bn1(net.conv1(images))))
                    c2 = net.layer1(x); c3 = net.layer2(c2); c4 = net.layer3(c3); c5 = net.layer4(c4)
                    write(path, {'0': c2, '1': c3, '2': c4, '3': c5, '4': net.avgpool(c5).flatten(1)})

            net = torchvision.models.resnet50()
            for module in net.modules():
                if isinstance(module, torch.nn.BatchNorm2d):
                    module.weight.data.uniform_(0.5, 1.0); module.bias.data.uniform_(-0.2, 0.2)
                    module.running_mean.uniform_(-0.2, 0.2); module.running_var.uniform_(0.5, 2.0)
            write('torchvision.safetensors', net.state_dict())
            outputs(net, 'torchvision-outputs.safetensors')

            theirs = read('emitted.safetensors')
            theirs.update({k: v for k, v in net.state_dict().items() if k.startswith('fc.')})
            net.load_state_dict(theirs, strict=True)
            outputs(net, 'emitted-outputs.safetensors')
            keys = [k for k in net.state_dict() if not k.startswith('fc.')]

            import os
            os.link('emitted.safetensors', 'Backbone.safetensors')

            """ + Documented() + """

            net = torchvision.models.resnet50()
            net.load_state_dict(torch.load('Backbone.pth'))
            net.fc = torch.nn.Identity()
            net.eval(), detector.eval()
            with torch.no_grad():
                write('documented-outputs.safetensors', {**detector.backbone.body(images), '4': net(images)})
            print('\n'.join(keys))
            """, folder.Path).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The Python of docs/deploy.md that torchvision runs, as it stands there.</summary>
    private static string Documented()
    {
        var root = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(root, "DataSsl.Gen.sln"))) root = Path.GetDirectoryName(root)!;
        var blocks = System.IO.File.ReadAllText(Path.Combine(root, "docs", "deploy.md")).Split("```python\n").Skip(1).Select(block => block.Split("```")[0]).ToList();
        return string.Concat(blocks.TakeWhile(block => !block.Contains("onnxruntime", StringComparison.Ordinal)));
    }

    private static void Randomise(nn.Module module)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var generator = new TorchSharp.torch.Generator(7);
        foreach (var (key, target) in module.state_dict())
        {
            var (low, high) = key switch
            {
                _ when key.EndsWith("running_var", StringComparison.Ordinal) => (0.5, 2.0),
                _ when key.EndsWith("running_mean", StringComparison.Ordinal) || key.EndsWith("bias", StringComparison.Ordinal) => (-0.2, 0.2),
                _ when target.dim() == 1 => (0.5, 1.0),
                _ => (0.0, 0.0),
            };
            if (low != high) target.copy_(rand(target.shape, generator: generator) * (high - low) + low);
        }
    }

    public void Dispose()
    {
        Emitted.Dispose();
        Images.Dispose();
        folder.Dispose();
    }
}
