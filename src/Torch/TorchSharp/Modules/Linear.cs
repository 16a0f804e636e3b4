using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    using TorchSharp.Utils;
    using static TorchSharp.torch;

    /// <summary>x W^T + b over the last dimension.</summary>
    public sealed class Linear : nn.Module<Tensor, Tensor>
    {
        [ComponentName(Name = nameof(weight))] private Parameter _weight;
        [ComponentName(Name = nameof(bias))] private Parameter? _bias;

        internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
        {
            (_weight, _bias) = (weight, bias);
            (out_features, in_features) = (weight.size(0), weight.size(1));
            register_parameter(nameof(weight), weight);
            register_parameter(nameof(bias), bias);
        }

        internal static Linear Fresh(long inputs, long outputs, bool hasBias, Device? device, ScalarType? dtype)
        {
            var weight = new Parameter(empty(outputs, inputs, dtype, device));
            nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            var bias = hasBias ? new Parameter(empty(outputs, dtype, device)) : null;
            if (bias is not null)
                Initial.BiasOf(weight, bias);
            return new Linear(weight, bias);
        }

        public long in_features { get; set; }
        public long out_features { get; set; }

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

        public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                Modules.Linear.Fresh(inputSize, outputSize, hasBias, device, dtype);

            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);
        }
    }
}
