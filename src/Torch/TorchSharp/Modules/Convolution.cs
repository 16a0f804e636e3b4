using DataSsl.Torch;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    private Parameter _weight;
    private Parameter? _bias;
    private FrozenConvolution? _frozen;

    protected Convolution(
        string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation,
        bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null)
        : base(name)
    {
        if (in_channels % groups != 0 || out_channels % groups != 0)
            throw new ArgumentException($"{in_channels} and {out_channels} channels do not divide into {groups} groups.");
        (this.in_channels, this.out_channels, this.groups) = (in_channels, out_channels, groups);
        (this.kernel_size, this.stride, this.padding, this.padding_type) = (kernel_size, stride, padding, padding_type);
        (this.dilation, this.transposed, this.output_padding, this.padding_mode) = (dilation, transposed, output_padding, padding_mode);
        _weight = new Parameter(empty([out_channels, in_channels / groups, .. kernel_size], dtype, device));
        _bias = bias ? new Parameter(empty(out_channels, dtype, device)) : null;
        register_parameter(nameof(weight), _weight);
        register_parameter(nameof(bias), _bias);
        reset_parameters();
    }

    public long in_channels { get; }
    public long out_channels { get; }
    public long[] kernel_size { get; set; }
    public long[] stride { get; set; }
    public long[] padding { get; private set; }
    public Padding? padding_type { get; private set; }
    public long[] dilation { get; set; }
    public bool transposed { get; }
    public long[] output_padding { get; set; }
    public long groups { get; set; }
    public PaddingModes padding_mode { get; set; }

    public Parameter weight
    {
        get => _weight;
        set => ConditionallyRegisterParameter(nameof(weight), _weight = value);
    }

    public Parameter? bias
    {
        get => _bias;
        set => ConditionallyRegisterParameter(nameof(bias), _bias = value);
    }

    public void SetPadding(long[] padding) => (this.padding, padding_type) = (padding, null);

    public void SetPadding(Padding padding) => padding_type = padding;

    public void reset_parameters()
    {
        nn.init.kaiming_uniform_(_weight, Math.Sqrt(5));
        if (_bias is not null)
            Initial.BiasOf(_weight, _bias);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _frozen?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>What keeps frozen weights in the processor's own layout.</summary>
    private protected FrozenConvolution Laid => _frozen ??= new();

    /// <summary>The input as the convolution wants it: padded beforehand where the padding is not with zeros, which the kernel does itself.</summary>
    private protected Tensor Padded(Tensor input)
    {
        var reversed = new long[2 * padding.Length];
        for (var k = 0; k < padding.Length; k++)
            reversed[2 * k] = reversed[(2 * k) + 1] = padding[padding.Length - 1 - k];
        return nn.functional.pad(input, reversed, padding_mode);
    }
}
