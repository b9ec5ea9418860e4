package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import java.util.Collections;
import java.util.Map;

/** The configurations of a model folder, by path. */
final class ModelConfigs {
  private static final String INDEX =
      """
      {
        "_class_name": "Flux2KleinPipeline",
        "_diffusers_version": "0.37.0",
        "is_distilled": true,
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
        "text_encoder": ["transformers", "Qwen3ForCausalLM"],
        "tokenizer": ["transformers", "Qwen2Tokenizer"],
        "transformer": ["diffusers", "Flux2Transformer2DModel"],
        "vae": ["diffusers", "AutoencoderKLFlux2"]
      }
      """;

  private static final String SCHEDULER =
      """
      {
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "base_image_seq_len": 256,
        "base_shift": 0.5,
        "max_image_seq_len": 4096,
        "max_shift": 1.15,
        "num_train_timesteps": 1000,
        "shift": 3.0,
        "time_shift_type": "exponential",
        "use_dynamic_shifting": true
      }
      """;

  private ModelConfigs() {}

  static Map<String, String> of(KleinSize size) {
    return Map.of(
        "model_index.json", INDEX,
        "scheduler/scheduler_config.json", SCHEDULER,
        "transformer/config.json", transformer(size.transformer()),
        "text_encoder/config.json", textEncoder(size.textEncoder()),
        "vae/config.json", vae(size.vae()));
  }

  private static String transformer(Flux2Params params) {
    return """
    {
      "_class_name": "Flux2Transformer2DModel",
      "attention_head_dim": %d,
      "axes_dims_rope": %s,
      "eps": 1e-06,
      "guidance_embeds": %b,
      "in_channels": %d,
      "joint_attention_dim": %d,
      "mlp_ratio": 3.0,
      "num_attention_heads": %d,
      "num_layers": %d,
      "num_single_layers": %d,
      "patch_size": 1,
      "rope_theta": 2000,
      "timestep_guidance_channels": %d
    }
    """
        .formatted(
            params.headDim(),
            params.ropeAxes(),
            params.guidanceEmbeds(),
            params.inChannels(),
            params.promptWidth(),
            params.heads(),
            params.doubleBlocks(),
            params.singleBlocks(),
            params.timestepChannels());
  }

  private static String textEncoder(Qwen3Plan.Size size) {
    return """
    {
      "architectures": ["Qwen3ForCausalLM"],
      "attention_bias": false,
      "dtype": "bfloat16",
      "head_dim": %d,
      "hidden_act": "silu",
      "hidden_size": %d,
      "intermediate_size": %d,
      "max_position_embeddings": 40960,
      "model_type": "qwen3",
      "num_attention_heads": %d,
      "num_hidden_layers": %d,
      "num_key_value_heads": %d,
      "rms_norm_eps": 1e-06,
      "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"},
      "rope_theta": 1000000.0,
      "tie_word_embeddings": %b,
      "vocab_size": %d
    }
    """
        .formatted(
            size.headDim(),
            size.hidden(),
            size.intermediate(),
            size.heads(),
            size.layers(),
            size.keyValueHeads(),
            size.tied(),
            size.vocabulary());
  }

  private static String vae(VaePlan.Size size) {
    int levels = size.channels().size();
    return """
    {
      "_class_name": "AutoencoderKLFlux2",
      "act_fn": "silu",
      "batch_norm_eps": 0.0001,
      "block_out_channels": %s,
      "down_block_types": [%s],
      "in_channels": 3,
      "latent_channels": %d,
      "layers_per_block": 2,
      "mid_block_add_attention": true,
      "norm_num_groups": %d,
      "out_channels": 3,
      "patch_size": [2, 2],
      "up_block_types": [%s],
      "use_post_quant_conv": true,
      "use_quant_conv": true
    }
    """
        .formatted(
            size.channels(),
            repeated("\"DownEncoderBlock2D\"", levels),
            size.latentChannels(),
            size.groups(),
            repeated("\"UpDecoderBlock2D\"", levels));
  }

  private static String repeated(String type, int count) {
    return String.join(", ", Collections.nCopies(count, type));
  }
}
